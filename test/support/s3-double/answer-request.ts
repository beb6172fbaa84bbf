import { answerList, answerListUploads } from "./answer-list.ts";
import { answerMultipart } from "./answer-multipart.ts";
import { answerObject, metadataOf } from "./answer-object.ts";
import { conditionProblem } from "./check-conditions.ts";
import { payloadProblem } from "./check-payload.ts";
import { emptyAnswer, errorAnswer, type S3Answer } from "./s3-answer.ts";
import { PROFILES, type S3Profile } from "./s3-profile.ts";
import type { S3Request } from "./s3-request.ts";
import { type S3State, store } from "./s3-state.ts";

export type DoubleRules = {
  readonly profile: S3Profile;
  readonly bucket: string;
  readonly region: string | undefined;
  readonly accessKeys: readonly string[] | undefined;
  readonly pageSize: number;
};

const accessProblem = (request: S3Request, rules: DoubleRules): S3Answer | undefined => {
  if (rules.accessKeys !== undefined && !rules.accessKeys.includes(request.accessKey ?? "")) {
    return errorAnswer(403, request.accessKey === undefined ? "AccessDenied" : "InvalidAccessKeyId");
  }
  const { region } = rules;
  if (region !== undefined && request.region !== region) {
    return errorAnswer(400, "AuthorizationHeaderMalformed", `<Region>${region}</Region>`, {
      "x-amz-bucket-region": region,
    });
  }
  if (request.bucket !== rules.bucket) return errorAnswer(404, "NoSuchBucket");
  return payloadProblem(request);
};

/** One request, checked and applied in one go, so that conditions hold per key however many come at once. */
export const answerRequest = (state: S3State, request: S3Request, rules: DoubleRules, namesETag: boolean): S3Answer => {
  const profile = PROFILES[rules.profile];
  const { operation, key } = request;
  const problem = accessProblem(request, rules);
  if (problem !== undefined) return problem;
  if (operation === undefined) return errorAnswer(501, "NotImplemented");
  if (operation === "HeadBucket" || operation === "CreateBucket") return emptyAnswer(200);
  if (operation === "ListObjectsV2") return answerList(state, request, rules.pageSize);
  if (operation === "ListMultipartUploads") return answerListUploads(state, request, rules.pageSize);
  if (operation === "GetObject" || operation === "HeadObject") return answerObject(state, request);
  if (operation === "DeleteObject") {
    state.objects.delete(key);
    return emptyAnswer(204);
  }
  const condition = conditionProblem(request, state.objects.get(key), profile);
  if (condition !== undefined) return condition;
  if (operation !== "PutObject") return answerMultipart(state, request, profile, namesETag);
  const contentType = request.headers["content-type"] ?? "binary/octet-stream";
  const { etag } = store(state, key, request.body, { metadata: metadataOf(request), contentType });
  return emptyAnswer(200, namesETag ? { etag } : {});
};
