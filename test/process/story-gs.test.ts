import { connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type GcsDouble, type GcsDoubleOptions, startGcsDouble } from "../support/gcs-double/start-gcs-double.ts";
import { writeServiceAccount } from "../support/gcs-double/write-service-account.ts";
import { makeCertificate } from "../support/make-certificate.ts";
import type { RunningKgsync } from "../support/run-kgsync.ts";
import { startHttp } from "../support/s3-double/start-http.ts";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

const startDouble = async (options: GcsDoubleOptions = {}): Promise<GcsDouble> => {
  const double = await startGcsDouble(options);
  onTestFinished(double.close);
  return double;
};

const services = (text: string | undefined): readonly string[] => Object.keys(JSON.parse(text ?? "{}").services).sort();
const save = (run: RunningKgsync, ...names: readonly string[]): void =>
  run.say(JSON.stringify({ save: graphOf(...names) }));
const stop = async (run: RunningKgsync): Promise<void> => {
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
};

test("the sample's life on gs://: a save, a stop, a second start elsewhere, and two writers at once", async () => {
  const double = await startDouble();
  const env = { KGSYNC_BUCKET: `gs://${double.bucket}/app`, STORAGE_EMULATOR_HOST: double.endpoint };
  const remote = (): string | undefined => double.objects.get("app/knowledge_graph.json")?.body.toString();
  const one = createStoryPlace(bin);
  const first = one.run({}, env);
  await first.waitForLine(/app: ready/);
  save(first, "first");
  await first.waitForEvent("push.stored");
  await stop(first);
  expect(remote()).toBe(graphOf("first"));

  const two = createStoryPlace(bin);
  const second = two.run({}, env);
  await second.waitForLine(/app: ready/);
  expect(two.local()).toBe(graphOf("first"));

  const again = one.run({}, env);
  await again.waitForLine(/app: ready/);
  save(again, "first", "one");
  await again.waitForEvent("push.stored");
  save(second, "first", "two"); // it has never heard of `one`
  await second.waitForEvent("merge.done");
  await second.waitForEvent("push.stored");
  expect(services(remote())).toEqual(["first", "one", "two"]);
  for (const run of [second, again]) await stop(run);
  expect(services(remote())).toEqual(["first", "one", "two"]);
});

test("a service account's file, a token that is revoked, and doctor's words", async () => {
  const double = await startDouble({ tokens: true });
  const place = createStoryPlace(bin);
  const file = writeServiceAccount(join(place.root, "account.json"), double.endpoint);
  const env = {
    KGSYNC_BUCKET: `gs://${double.bucket}/app`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: double.endpoint,
    GOOGLE_APPLICATION_CREDENTIALS: file,
  };
  const run = place.run({ save: graphOf("first") }, env);
  await run.waitForEvent("push.stored");
  expect(double.count("token")).toBe(1);
  double.revokeTokens();
  save(run, "first", "second");
  await run.waitForEvent("push.stored", 2);
  await stop(run);
  expect(double.count("token")).toBe(2);
  expect(double.objects.get("app/knowledge_graph.json")?.body.toString()).toBe(graphOf("first", "second"));
  expect(run.err()).not.toMatch(/Warning|deprecated|token-\d/); // Google's library warns on the console, which is the app's

  const doctor = place.start(["doctor"], env);
  await doctor.ended;
  expect(doctor.out()).toContain(`the file ${file} in GOOGLE_APPLICATION_CREDENTIALS`);
  const lost = place.start(["doctor"], { ...env, GOOGLE_APPLICATION_CREDENTIALS: join(place.root, "absent.json") });
  expect((await lost.ended).code).toBe(77);
  expect(lost.out()).toContain("absent.json: no file is there");
});

test("by TLS through a proxy's tunnel, with an authority of one's own", async () => {
  const place = createStoryPlace(bin);
  const { file, ...tls } = makeCertificate(place.root);
  const double = await startDouble({ tls });
  double.put("knowledge_graph.json", graphOf("first"));
  const targets: string[] = [];
  const proxy = await startHttp((_, response) => response.writeHead(500).end());
  onTestFinished(proxy.close);
  proxy.server.on("connect", (request, socket) => {
    targets.push(request.url ?? "");
    const upstream = connect(Number(new URL(double.endpoint).port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    for (const each of [upstream, socket]) each.on("error", () => upstream.destroy());
    socket.on("close", () => upstream.destroy());
  });
  const run = place.start(["pull"], {
    KGSYNC_BUCKET: `gs://${double.bucket}`,
    STORAGE_EMULATOR_HOST: double.endpoint,
    NODE_EXTRA_CA_CERTS: file,
    HTTPS_PROXY: proxy.url,
  });
  expect((await run.ended).code).toBe(0);
  expect(place.local()).toBe(graphOf("first"));
  expect(new Set(targets)).toEqual(new Set([new URL(double.endpoint).host]));
});
