import type { Flags } from "../config/read-setting.ts";
import { KgsyncError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";
import type { Shell } from "./completion.ts";
import { isTopic, type Topic } from "./help.ts";
import type { InstallRequest } from "./install.ts";
import { type CopyRequest, parseCopy } from "./parse-copy.ts";
import { type OwnOptions, type ParsedFlags, parseFlags } from "./parse-flags.ts";
import { type InspectRequest, isInspect, parseInspect } from "./parse-inspect.ts";
import { type LeaseRequest, parseLease } from "./parse-lease.ts";
import { type MergeFileRequest, parseMergeFile } from "./parse-merge-file.ts";
import { type PruneRequest, toPrune } from "./parse-prune.ts";
import type { SyncRequest } from "./sync.ts";

/** What the command line asks for. `flags` are settings in the written form, not parsed yet. */
export type Invocation =
  | { readonly command: "run"; readonly flags: Flags; readonly argv: readonly [string, ...string[]] }
  | { readonly command: "exec"; readonly flags: Flags; readonly argv: readonly [string, ...string[]] }
  | { readonly command: "pull"; readonly flags: Flags }
  /** `allowShrink`: the first 8 to 64 hexadecimal digits of the digest that may replace the bucket's graph. */
  | ({ readonly command: "sync"; readonly flags: Flags } & SyncRequest)
  | { readonly command: "status"; readonly flags: Flags; readonly json: boolean }
  | { readonly command: "watch"; readonly flags: Flags }
  | { readonly command: "push"; readonly flags: Flags; readonly allowShrink: string | undefined }
  | { readonly command: "config"; readonly flags: Flags; readonly format: "table" | "json" | "env" }
  | { readonly command: "health"; readonly flags: Flags }
  | InspectRequest
  | { readonly command: "doctor"; readonly flags: Flags; readonly json: boolean }
  | ({ readonly command: "prune"; readonly flags: Flags } & PruneRequest)
  | ({ readonly command: "copy"; readonly flags: Flags } & CopyRequest)
  | ({ readonly command: "lease"; readonly flags: Flags } & LeaseRequest)
  | { readonly command: "merge-file"; readonly request: MergeFileRequest }
  | { readonly command: "install"; readonly request: InstallRequest }
  | { readonly command: "completion"; readonly shell: Shell }
  | { readonly command: "version" }
  /** `exit`: 0 when it was asked for, 64 when nothing was. */
  | { readonly command: "help"; readonly topic: Topic; readonly exit: number };

const OPTIONS = {
  run: { valued: [], plain: ["help"] },
  exec: { valued: [], plain: ["help"] },
  pull: { valued: [], plain: ["help"] },
  push: { valued: ["allow-shrink"], plain: ["help"] },
  sync: { valued: [], plain: ["help", "json", "dry-run"] },
  status: { valued: [], plain: ["help", "json"] },
  watch: { valued: [], plain: ["help"] },
  config: { valued: [], plain: ["help", "json", "env"] },
  health: { valued: [], plain: ["help"] },
  doctor: { valued: [], plain: ["help", "json"] },
  prune: { valued: ["keep-backups"], plain: ["help", "dry-run", "json"] },
} as const satisfies Record<string, OwnOptions>;

type WithOptions = keyof typeof OPTIONS;

const COMMANDS = [
  ...Object.keys(OPTIONS),
  "diff",
  "log",
  "restore",
  "conflicts",
  "copy",
  "lease",
  "merge-file",
  "install",
  "completion",
  "version",
  "help",
];

const usage = (message: string, hint?: string): KgsyncError =>
  new KgsyncError("usage", message, hint === undefined ? {} : { hint });

const help = (topic: Topic, exit = 0): Invocation => ({ command: "help", topic, exit });

const run = ({ flags, rest }: ParsedFlags): Invocation => {
  const [program, ...args] = rest;
  if (program === undefined || program === "") {
    throw usage("kgsync run needs the app's command.", "For example: kgsync run -- /my-app --port 8080");
  }
  return { command: "run", flags, argv: [program, ...args] };
};

const exec = ({ flags, rest }: ParsedFlags): Invocation => {
  const [program, ...args] = rest;
  if (program === undefined || program === "") {
    throw usage("kgsync exec needs the tool's command.", "For example: kgsync exec -- my-tool --file {graph}");
  }
  return { command: "exec", flags, argv: [program, ...args] };
};

const SHA = /^[0-9a-f]{8,64}$/;
const TRUTH = /^(?:true|false|0|1)$/;

const push = ({ flags, own }: ParsedFlags): Invocation => {
  const allow = own.get("allow-shrink");
  if (allow === undefined || SHA.test(allow)) return { command: "push", flags, allowShrink: allow };
  // The setting of the same name is a flag of every command.
  if (TRUTH.test(allow)) return { command: "push", flags: { ...flags, allowShrink: allow }, allowShrink: undefined };
  throw usage("--allow-shrink needs the first 8 (or more) digits of the graph's SHA-256, as the log printed them.");
};

const config = ({ flags, own }: ParsedFlags): Invocation => {
  if (own.has("json") && own.has("env")) throw usage("--json and --env are two formats: give one of them.");
  return { command: "config", flags, format: own.has("json") ? "json" : own.has("env") ? "env" : "table" };
};

const unknownCommand = (word: string): KgsyncError => {
  const nearest = word.includes("/") ? undefined : nearestName(word, COMMANDS);
  const guess = nearest === undefined ? "" : ` Did you mean: kgsync ${nearest}?`;
  return usage(
    `kgsync has no command ${JSON.stringify(word)}.${guess}`,
    "See `kgsync help`. To start a program under kgsync, put `run --` before it: kgsync run -- /my-app",
  );
};

const withOptions = (command: WithOptions, args: readonly string[]): Invocation => {
  const parsed = parseFlags(command, args, OPTIONS[command]);
  if (parsed.own.has("help")) return help(command);
  if (command === "run") return run(parsed);
  if (command === "exec") return exec(parsed);
  const [extra] = parsed.rest;
  if (extra !== undefined) throw usage(`kgsync ${command} takes no ${JSON.stringify(extra)}: only options.`);
  if (command === "push") return push(parsed);
  if (command === "config") return config(parsed);
  const [json, dryRun] = [parsed.own.has("json"), parsed.own.has("dry-run")];
  if (command === "prune") return { command, ...toPrune(parsed) };
  if (command === "doctor" || command === "status") return { command, flags: parsed.flags, json };
  if (command === "sync") return { command, flags: parsed.flags, json, dryRun };
  return { command, flags: parsed.flags };
};

const mergeFile = (args: readonly string[]): Invocation => {
  const request = parseMergeFile(args);
  return request === "help" ? help("merge-file") : { command: "merge-file", request };
};

const lease = (args: readonly string[]): Invocation => {
  const request = parseLease(args);
  return request === "help" ? help("lease") : { command: "lease", ...request };
};

const copy = (args: readonly string[]): Invocation => {
  const request = parseCopy(args);
  return request === "help" ? help("copy") : { command: "copy", ...request };
};

const inspect = (command: InspectRequest["command"], args: readonly string[]): Invocation => {
  const request = parseInspect(command, args);
  return request === "help" ? help(command) : request;
};

const completion = ([word = "", extra]: readonly string[]): Invocation => {
  if (word === "--help" || word === "-h") return help("completion");
  if (extra === undefined && (word === "bash" || word === "zsh" || word === "fish"))
    return { command: "completion", shell: word };
  throw usage("kgsync completion needs one shell: bash, zsh or fish.", "For example: kgsync completion bash");
};

const install = (args: readonly string[]): Invocation => {
  const { flags, own, rest } = parseFlags("install", args, { valued: [], plain: ["help", "json", "dry-run"] });
  if (own.has("help")) return help("install");
  const [folder, extra] = rest;
  if (Object.keys(flags).length > 0) throw usage("kgsync install takes no settings.");
  if (folder === undefined || folder === "" || extra !== undefined)
    throw usage("kgsync install needs one folder.", "For example: kgsync install /kgsync");
  return { command: "install", request: { folder, json: own.has("json"), dryRun: own.has("dry-run") } };
};

const isWithOptions = (word: string): word is WithOptions => Object.hasOwn(OPTIONS, word);

/** Reads the arguments behind the program's name. Throws KgsyncError `usage` (64) that names what is wrong and what is near. */
export const parseArgv = (args: readonly string[]): Invocation => {
  const [word, ...rest] = args;
  if (word === undefined) return help("kgsync", 64);
  if (isWithOptions(word)) return withOptions(word, rest);
  if (word === "lease") return lease(rest);
  if (word === "copy") return copy(rest);
  if (isInspect(word)) return inspect(word, rest);
  if (word === "merge-file") return mergeFile(rest);
  if (word === "completion") return completion(rest);
  if (word === "install") return install(rest);
  if (word === "version" || word === "--version" || word === "-V") return { command: "version" };
  if (word === "help" || word === "--help" || word === "-h") {
    const topic = rest[0] ?? "kgsync";
    if (isTopic(topic)) return help(topic);
    throw unknownCommand(topic);
  }
  if (word.startsWith("-")) {
    throw usage("Options come behind the command.", "For example: kgsync run --interval 30s -- /my-app");
  }
  throw unknownCommand(word);
};
