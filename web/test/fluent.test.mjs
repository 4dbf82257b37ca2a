// The Fluent files: what is refused when the pages are built, and how a text is shown.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { load } from "./load.mjs";
import { checkAlike, checkUsed, LocaleError, messagesOf } from "../build/fluent.mjs";
import { fill } from "../build/pages.mjs";

const { format } = (await load("fluent")).fluent;
const PEOPLE = "people = { $n ->\n    [one] One\n   *[other] { $n } people\n }\n";
const refuses = (act, words) => assert.throws(act, (error) => error instanceof LocaleError && words.test(error.message));

describe("fluent", () => {
  test("text, variables, quoted text and choices are read", () => {
    assert.deepEqual(messagesOf('a = One\nb = { $x } and { "{" }\n', "f", "en"), { a: "One", b: [["x"], " and {"] });
    assert.deepEqual(messagesOf(PEOPLE, "f", "en"), { people: [["n", { one: "One", other: [["n"], " people"] }]] });
  });

  test("what the pages cannot show is refused", () => {
    for (const text of ["a = { b }\n", "-a = x\n", "a = x\n  .b = y\n", "a = { NUMBER($n) }\n", "a = { -b }\n", "a = { $n.b }\n", "a b\n", "a = x\na = y\n"]) refuses(() => messagesOf(text, "f", "en"), /f/);
  });

  test("a choice has the plural forms that its language needs, and no others", () => {
    refuses(() => messagesOf("a = { $n ->\n    [few] x\n   *[other] y\n }\n", "f", "en"), /\[few\] is no plural form of en/);
    refuses(() => messagesOf("a = { $n ->\n   *[other] y\n }\n", "f", "en"), /\[one\] of en is missing/);
    refuses(() => messagesOf(PEOPLE, "f", "pl"), /of pl is missing/);
    refuses(() => messagesOf("a = { $n ->\n    [other] x\n   *[one] y\n }\n", "f", "en"), /default/);
    assert.ok(messagesOf("a = { $n ->\n    [1] x\n   *[other] y\n }\n", "f", "en"));
  });

  test("languages have the same keys and variables", () => {
    checkAlike({ es: { a: [["n"]] }, en: { a: ["x ", ["n"]] } });
    refuses(() => checkAlike({ es: { a: "x", b: "y" }, en: { a: "x" } }), /en lacks: b/);
    refuses(() => checkAlike({ es: { a: "x" }, en: { a: "x", b: "y" } }), /en has what es lacks: b/);
    refuses(() => checkAlike({ es: { a: [["n"]] }, en: { a: "x" } }), /en: a names \{\}, es names \{n\}/);
  });

  test("a key that nobody has or nobody names fails", () => {
    checkUsed({ a: "x", b_c: "y" }, ['t("a"); t(`b_${c}`)'], "room", () => false);
    refuses(() => checkUsed({}, ['t("a")'], "room", () => false), /no language has: a/);
    refuses(() => checkUsed({ a: "x" }, [""], "room", () => false), /uses no such texts: a/);
    refuses(() => fill("{{a}}", {}, {}), /names a/);
    refuses(() => fill("", { a: "x" }, {}), /does not use: a/);
    assert.equal(fill("{{a}}", { a: "<b> & \"" }, {}), "&lt;b&gt; &amp; &quot;");
  });

  test("numbers take the form of their language", () => {
    const [people] = Object.values(messagesOf(PEOPLE, "f", "en"));
    assert.deepEqual([0, 1, 2].map((n) => format(people, { n }, "en")), ["0 people", "One", "2 people"]);
    const exact = [["n", { 0: "none", one: "one", other: "more" }]];
    assert.deepEqual([0, 1, 7].map((n) => format(exact, { n }, "es")), ["none", "one", "more"]);
    assert.equal(format(["a ", ["x"]], {}, "es"), "a ");
  });

  test("each language is a folder with the same files", () => {
    const folder = new URL("../locales", import.meta.url).pathname;
    const [model, ...others] = readdirSync(folder).map((code) => readdirSync(`${folder}/${code}`).sort());
    assert.deepEqual(model, ["desk.ftl", "report.ftl", "static.ftl", "status.ftl"]);
    for (const other of others) assert.deepEqual(other, model);
    assert.ok(readFileSync(`${folder}/es/static.ftl`, "utf8").includes("language_order"));
  });
});
