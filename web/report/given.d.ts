/** What `build.mjs` knows when it makes the page of a language. */
declare module "amparo:language" {
  const data: {
    code: string;
    texts: Record<string, import("./fluent.ts").Pattern>;
    /** In this language, under the hash of the whole file. */
    questionnaire: import("./questionnaire.ts").Questionnaire;
    /** `words`: each as the number of letters it shares with the one before, and the rest. `shared`: for each other list one bit a word, base64: it would take this word's prefix for its own. */
    list: { language: string; words: string; shared: Record<string, string> };
    lists: string[];
  };
  export default data;
}
declare module "amparo:languages" {
  const all: { code: string; name: string }[];
  export default all;
}
