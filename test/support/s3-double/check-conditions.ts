import { errorAnswer, type S3Answer } from "./s3-answer.ts";
import type { ProfileRules } from "./s3-profile.ts";
import type { S3Request } from "./s3-request.ts";
import type { StoredInDouble } from "./s3-state.ts";

const unquoted = (text: string): string => text.replace(/^"(.*)"$/, "$1");

const refused = (): S3Answer => errorAnswer(501, "NotImplemented");
const failed = (): S3Answer => errorAnswer(412, "PreconditionFailed");

/** Why a write may not go on (Amazon S3 User Guide, "Conditional writes"), or `undefined` when it may. */
export const conditionProblem = (
  request: S3Request,
  current: StoredInDouble | undefined,
  rules: ProfileRules,
): S3Answer | undefined => {
  const match = request.headers["if-match"];
  const noneMatch = request.headers["if-none-match"];
  if (match === undefined && noneMatch === undefined) return undefined;
  const { operation } = request;
  if (rules.conditions === "refused") return refused();
  if (rules.conditions === "ignored") return undefined;
  if (operation === "CompleteMultipartUpload" && rules.onComplete === "ignored") return undefined;
  if (operation !== "PutObject" && operation !== "CompleteMultipartUpload") return refused();
  if (match !== undefined && noneMatch !== undefined) return refused();
  if (noneMatch !== undefined && noneMatch !== "*") return refused();
  if (noneMatch === "*") return current === undefined ? undefined : failed();
  if (rules.onUpdate === "ignored") return undefined;
  if (rules.onUpdate === "refused") return refused();
  if (rules.onUpdate === "never true") return failed();
  if (current === undefined) return rules.absentUpdate === 404 ? errorAnswer(404, "NoSuchKey") : failed();
  const wanted = match ?? "";
  const same = unquoted(wanted) === unquoted(current.etag) && (rules.etagForms === "both" || !wanted.startsWith('"'));
  return same ? undefined : failed();
};
