import type { IncomingMessage, ServerResponse } from "node:http";
import { startHttp } from "./s3-double/start-http.ts";

/** Temporary credentials that were given out; `asked` is what the asker showed: a token, a role, the key it signed with. */
export type Grant = { readonly accessKey: string; readonly sessionToken: string; readonly asked: string };

type Options = {
  /** Milliseconds for which each grant is good, the last one for all that follow. */
  readonly lifetimes: readonly number[];
  /** Answered instead of credentials. */
  readonly refuse?: number;
  readonly onGrant?: (grant: Grant) => void;
};

const ROLE = "the-role";

const bodyOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
};

/**
 * Stands in for whoever gives temporary credentials, on loopback: STS (AssumeRole, AssumeRoleWithWebIdentity), a container
 * endpoint (ECS, EKS Pod Identity) at `/container`, and the instance metadata of EC2 (version 2).
 */
export const startCredentialServer = async ({ lifetimes, refuse, onGrant }: Options) => {
  const grants: Grant[] = [];
  const strays: string[] = [];

  const grant = (asked: string) => {
    const number = grants.length + 1;
    const given = { accessKey: `ASIAGIVEN${number}`, sessionToken: `session-${number}`, asked };
    grants.push(given);
    onGrant?.(given);
    const lifetime = lifetimes[number - 1] ?? lifetimes.at(-1) ?? 0;
    return { ...given, expiration: new Date(Date.now() + lifetime).toISOString() };
  };

  const sts = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = await bodyOf(request);
    const action = form.get("Action") ?? "";
    response.setHeader("content-type", "text/xml");
    if (refuse !== undefined) {
      const error = "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>";
      return void response.writeHead(refuse).end(`<ErrorResponse>${error}</ErrorResponse>`);
    }
    const signer = /Credential=([^/]+)/.exec(request.headers.authorization ?? "")?.[1] ?? "nobody";
    const shown = form.get("WebIdentityToken") ?? `signed by ${signer}`;
    const { accessKey, sessionToken, expiration } = grant(`${action} ${form.get("RoleArn")} ${shown}`);
    const credentials = [
      `<AccessKeyId>${accessKey}</AccessKeyId><SecretAccessKey>temporary</SecretAccessKey>`,
      `<SessionToken>${sessionToken}</SessionToken><Expiration>${expiration}</Expiration>`,
    ].join("");
    const user = `<AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/x/y</Arn><AssumedRoleId>A:y</AssumedRoleId></AssumedRoleUser>`;
    const result = `<${action}Result><Credentials>${credentials}</Credentials>${user}</${action}Result>`;
    response.end(`<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}</${action}Response>`);
  };

  const json = (response: ServerResponse, asked: string): void => {
    response.setHeader("content-type", "application/json");
    if (refuse !== undefined) return void response.writeHead(refuse).end('{"Code":"AccessDenied","Message":"no"}');
    const { accessKey, sessionToken, expiration } = grant(asked);
    const credentials = { AccessKeyId: accessKey, SecretAccessKey: "temporary", Token: sessionToken };
    response.end(
      JSON.stringify({ Code: "Success", Type: "AWS-HMAC", ...credentials, Expiration: expiration, LastUpdated: "" }),
    );
  };

  const instance = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? "";
    if (refuse !== undefined) return void response.writeHead(refuse).end();
    if (request.method === "PUT" && path === "/latest/api/token") {
      const ttl = String(request.headers["x-aws-ec2-metadata-token-ttl-seconds"]);
      return void response.setHeader("x-aws-ec2-metadata-token-ttl-seconds", ttl).end("a-metadata-token");
    }
    if (request.headers["x-aws-ec2-metadata-token"] !== "a-metadata-token") return void response.writeHead(401).end();
    if (path.endsWith("/security-credentials/")) return void response.end(ROLE);
    json(response, path);
  };

  const http = await startHttp((request, response) => {
    const path = request.url ?? "";
    if (path === "/" && request.method === "POST") return void sts(request, response).catch(() => response.destroy());
    if (path === "/container") return json(response, request.headers.authorization ?? "nothing");
    if (path.startsWith("/latest/")) return instance(request, response);
    strays.push(path);
    response.writeHead(404).end();
  });
  return { ...http, grants, strays };
};
