/** What the holder of the words does: read, write more, destroy. */
import { hex, refuse, type Bytes } from "./bytes.ts";
import { fromHex } from "./bytes.ts";
import { askMailbox, getJson, sendEnvelope } from "./api.ts";
import { writeDay } from "./day.ts";
import type { Trusted } from "./directory.ts";
import { sealFollowUp } from "./envelope.ts";
import { mailboxRequest, readMailbox, type MailboxAnswer, type MailboxVerb } from "./mailbox.ts";
import type { ReporterKeys } from "./receipt.ts";
import { openReply, walkEpochs, type EpochKeys, type Reply } from "./reply.ts";
import { same } from "./bytes.ts";

const PAGES_MAX = 64;
const NUMBER_TRIES = 3;

export interface Shown { number: number; text: string | null }
export interface Status { word: string; statusNumber: number; replies: Shown[] }

export class MailboxClient {
  private readonly gates = new Map<number, Bytes | null>();

  constructor(private readonly keys: ReporterKeys, private readonly deployment: Bytes, private readonly trusted: Trusted) {
    const { content } = trusted.directory;
    this.gates.set(content.version, fromHex(content.gate.pk, 32));
  }

  private async ask(verb: MailboxVerb, page: number): Promise<MailboxAnswer | null> {
    const bytes = await askMailbox((nonce) => mailboxRequest(verb, page, this.keys, nonce, this.deployment));
    return readMailbox(bytes, this.keys, this.deployment);
  }

  private caseKeys(answer: MailboxAnswer): EpochKeys[] {
    const { header } = answer.report;
    return walkEpochs({ signPk: header.caseSignPk, boxPk: header.caseBoxPk }, answer.epochs, this.deployment, this.keys.mailboxId);
  }

  /** `null`: nothing for these words. */
  async status(): Promise<Status | null> {
    const first = await this.ask("read", 0);
    if (!first) return null;
    const keys = this.caseKeys(first);
    const replies = [...first.replies];
    for (let page = 1; replies.length < first.total && page < PAGES_MAX; page++) {
      const more = await this.ask("read", page);
      if (!more || more.replies.length === 0) break;
      replies.push(...more.replies);
    }
    const status: Status = { word: "received", statusNumber: 0, replies: [] };
    for (const reply of replies.reverse()) await this.show(status, reply, keys);
    status.replies = status.replies.filter((one, i, all) => all.findIndex((other) => other.number === one.number) === i).sort((a, b) => a.number - b.number);
    return status;
  }

  private async show(status: Status, reply: Reply, keys: EpochKeys[]): Promise<void> {
    const opened = await this.check(reply, keys);
    if (reply.what === "text") status.replies.push({ number: reply.number, text: opened?.text ?? null });
    else if (opened?.status !== undefined && reply.number > status.statusNumber) {
      status.word = opened.status;
      status.statusNumber = reply.number;
    }
  }

  /** Believed if it is of this case, opens, and both the gate key it names and its epoch's key vouch for it. */
  private async check(reply: Reply, keys: EpochKeys[]): Promise<{ text?: string; status?: string } | null> {
    const own = keys[reply.epoch];
    if (!own || !same(reply.mailboxId, this.keys.mailboxId)) return null;
    try {
      const opened = openReply(reply, this.keys.box, this.deployment);
      const gate = await this.gate(opened.directory);
      return gate && opened.isVouchedFor(gate, own.signPk) ? opened : null;
    } catch {
      return null;
    }
  }

  private async gate(version: number): Promise<Bytes | null> {
    const known = this.gates.get(version);
    if (known !== undefined) return known;
    let found: Bytes | null = null;
    try {
      const { directory } = (await getJson(`/api/v1/directory/${version}`)) as { directory: unknown };
      found = fromHex(this.trusted.other(directory, version).content.gate.pk, 32);
    } catch {
      found = null;
    }
    this.gates.set(version, found);
    return found;
  }

  /** Seals to the case's key of now; seals anew if another device took the number. */
  async followUp(text: string, lang: string, day: number, seen: { text: number; status: number }, progress: (solved: number) => void): Promise<void> {
    const { content, hash } = this.trusted.directory;
    const body = {
      format: "amparo-follow-up-1", must_understand: [], lang, directory: { version: content.version, hash: hex(hash) }, key_day: writeDay(day), text,
      attachments: [], seen,
    };
    for (let round = 1; ; round++) {
      const answer = (await this.ask("read", 0)) ?? refuse("no_mailbox");
      const keys = this.caseKeys(answer);
      const { boxPk } = keys[keys.length - 1] as EpochKeys;
      const sealed = sealFollowUp(this.keys, this.deployment, answer.report, answer.last, boxPk, body);
      try {
        return await sendEnvelope(sealed, content.version, false, progress);
      } catch (error) {
        const code = (error as { code?: string }).code;
        if (round >= NUMBER_TRIES || (code !== "number_taken" && code !== "case_key")) throw error;
      }
    }
  }

  async destroy(): Promise<void> {
    if (!(await this.ask("read", 0))) refuse("no_mailbox");
    if (await this.ask("destroy", 0)) refuse("strange_answer");
  }
}
