import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** For tests: git as a person runs it, whatever the machine's own settings are. */
export const GIT_ENV = {
  PATH: process.env["PATH"] ?? "",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "A Person",
  GIT_AUTHOR_EMAIL: "person@example.com",
  GIT_COMMITTER_NAME: "A Person",
  GIT_COMMITTER_EMAIL: "person@example.com",
} as const;

/** Runs git in the folder and answers its stdout without the last newline. Throws when it fails. */
export const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync("git", args, { cwd, env: GIT_ENV, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trimEnd();

/** An empty repository `name` below the folder. Answers its path. */
export const initBare = (folder: string, name = "state.git"): string => {
  git(folder, "init", "--quiet", "--bare", "--initial-branch=main", name);
  return join(folder, name);
};

/**
 * What becomes of the next push: `drop-answer`: it is taken, and the connection breaks before the answer. `drop-request`: the
 * connection breaks before anything is taken.
 */
export type PushFault = "drop-answer" | "drop-request";

export type GitServer = {
  /** Of the repositories below the folder, without a slash at its end. */
  readonly url: string;
  /** Requests so far, as `METHOD path?query`. */
  readonly requests: readonly string[];
  readonly failNextPush: (fault: PushFault) => void;
  /** Faults that are still to fire. */
  readonly pending: () => number;
  readonly close: () => Promise<void>;
};

/** git's own `git http-backend` behind HTTP Basic authentication: git-http-backend(1). Nothing is served without the password. */
export const startGitServer = async (folder: string, password: string): Promise<GitServer> => {
  const requests: string[] = [];
  const faults: PushFault[] = [];
  const children = new Set<ChildProcessWithoutNullStreams>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.url}`);
    const [user, given] = credentialsOf(request);
    if (given !== password) {
      request.resume();
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
      return;
    }
    const isPush = request.method === "POST" && request.url?.endsWith("/git-receive-pack") === true;
    const fault = isPush ? faults.shift() : undefined;
    if (fault === "drop-request") {
      request.socket.destroy();
      return;
    }
    const child = spawn("git", ["http-backend"], { env: cgiEnvironment(folder, request, user) });
    children.add(child);
    child.stdin.on("error", () => undefined);
    request.pipe(child.stdin);
    const output: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.once("close", () => {
      children.delete(child);
      if (fault === "drop-answer") request.socket.destroy();
      else sendCgi(response, Buffer.concat(output));
    });
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    failNextPush: (fault) => void faults.push(fault),
    pending: () => faults.length,
    close: () => closeServer(server, children),
  };
};

const credentialsOf = ({ headers }: IncomingMessage): readonly string[] => {
  const [, encoded = ""] = /^Basic (.*)$/.exec(headers.authorization ?? "") ?? [];
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? ["", ""] : [text.slice(0, colon), text.slice(colon + 1)];
};

/** RFC 3875 §4.1. Whoever has a name may push. */
const cgiEnvironment = (
  folder: string,
  { method, url = "", headers }: IncomingMessage,
  user = "",
): NodeJS.ProcessEnv => {
  const [path = "", query = ""] = url.split("?");
  const one = (name: string): string => String(headers[name] ?? "");
  return {
    ...GIT_ENV,
    GIT_PROJECT_ROOT: folder,
    GIT_HTTP_EXPORT_ALL: "1",
    GATEWAY_INTERFACE: "CGI/1.1",
    REQUEST_METHOD: method ?? "",
    PATH_INFO: decodeURIComponent(path),
    QUERY_STRING: query,
    CONTENT_TYPE: one("content-type"),
    ...(headers["content-length"] === undefined ? {} : { CONTENT_LENGTH: one("content-length") }),
    ...(headers["content-encoding"] === undefined ? {} : { HTTP_CONTENT_ENCODING: one("content-encoding") }),
    ...(headers["git-protocol"] === undefined ? {} : { GIT_PROTOCOL: one("git-protocol") }),
    REMOTE_USER: user,
    REMOTE_ADDR: "127.0.0.1",
  };
};

/** Sends what a CGI program has written: headers, an empty line, the body. */
const sendCgi = (response: ServerResponse, output: Buffer): void => {
  const end = output.indexOf("\r\n\r\n");
  let status = 200;
  for (const line of output.toString("latin1", 0, Math.max(0, end)).split("\r\n")) {
    const colon = line.indexOf(":");
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name === "Status") status = Number.parseInt(value, 10);
    else if (colon > 0) response.setHeader(name, value);
  }
  response.writeHead(end === -1 ? 500 : status).end(output.subarray(end === -1 ? output.length : end + 4));
};

const closeServer = async (server: Server, children: ReadonlySet<ChildProcessWithoutNullStreams>): Promise<void> => {
  for (const child of children) child.kill("SIGKILL");
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};
