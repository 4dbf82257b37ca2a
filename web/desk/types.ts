/** What the member's program hands to the screen. */
export type Texts = Record<string, string>;
export type Answer = string | string[] | { codes?: string[]; text?: string };
export interface Me { member: string; office: string; office_names: Texts; service_names: Texts; directory: number; expires: string; expired: boolean }
export interface Row {
  id: string; number: number; day: string; lane: string; unread: boolean; score: number; flags: string[]; waiting_days: number; status: string; summary: string; warnings: number;
}
export interface Message { kind: string; number: number; day: string; author: string; text: string }
export interface Recipient { member: string; office: string; names: Texts; office_names: Texts; by: string }
export interface Warning { code: string; about: string; text: string }
export interface Office { id: string; names: Texts; can_refer: boolean; reason: string | null }
export interface Attachment { message: number; blob: string; name: string; type: string; size: number; removed: string[]; original: boolean }
export interface Case {
  attachments: Attachment[];
  id: string; answers: Record<string, Answer>; messages: Message[]; recipients: Recipient[]; warnings: Warning[]; lang: string; day: string; lane: string;
  score: number; factors: { id: string; points: number }[]; flags: string[]; status: string; offices: Office[];
}
export interface Question { id: string; texts: Texts; options?: { code: string; texts: Texts }[] }
export interface Questionnaire { questions: Question[]; countries: { code: string; texts: Texts }[]; screens: string[][] }
