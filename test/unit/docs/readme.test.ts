import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import type { Environment } from "../../../src/config/read-setting.ts";
import { SETTINGS } from "../../../src/config/schema.ts";
import { ERRORS } from "../../../src/core/errors.ts";
import { DOCUMENTS, fences, filesBelow, spans, textOf, yamlPaths } from "./documents.ts";

const README = textOf("README.md");
const BUCKET = { KGSYNC_BUCKET: "s3://my-bucket/my-app" };
const NAMES: ReadonlySet<string> = new Set(
  SETTINGS.flatMap(({ env, secret }) => (secret === true ? [env, `${env}_FILE`] : [env])),
);

/** The settings in force, or the words of the refusal. */
const load = (env: Environment): unknown => {
  try {
    return loadConfig(env, {}, () => "secret").warnings;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : thrown;
  }
};

/** Lines of shell, and what stands in backquotes. */
const shown = (text: string): readonly string[] => [
  ...fences(text, "sh").flatMap((block) => block.trim().split("\n")),
  ...spans(text),
];

describe.each(DOCUMENTS)("%s", (path) => {
  const text = textOf(path);

  it("names npm scripts that exist", () => {
    const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(textOf("package.json"));
    const run = shown(text).flatMap((line) => /^npm run (?:-s )?([\w:-]+)/.exec(line)?.[1] ?? []);
    expect(run.filter((name) => scripts[name] === undefined)).toEqual([]);
    const bare = shown(text).filter((line) => line.startsWith("npm ") && !line.startsWith("npm run "));
    expect(bare.filter((line) => !["npm cit", "npm test", "npm install", "npm ci"].includes(line))).toEqual([]);
  });

  it("names settings and options that exist, with values that are accepted", () => {
    const named = [...text.matchAll(/KGSYNC_[A-Z0-9_]*[A-Z0-9]/g)].map(([name]) => name);
    expect(named.filter((name) => !NAMES.has(name))).toEqual([]);
    const options = spans(text).flatMap((span) => /^--([\w-]+)(?: |$)/.exec(span)?.[1] ?? []);
    expect(options.filter((name) => !SETTINGS.some(({ flag }) => flag === name))).toEqual([]);
    const assigned = spans(text).flatMap((span) => /^(KGSYNC_[A-Z0-9_]+)=([^…\s]+)$/.exec(span)?.slice(1, 3) ?? []);
    for (let index = 0; index < assigned.length; index += 2)
      expect(load({ ...BUCKET, [assigned[index] ?? ""]: assigned[index + 1] })).toEqual(expect.any(Array));
  });
});

describe("the README", () => {
  it("has ten settings with their real defaults", () => {
    const rows = [...README.matchAll(/^\| `(KGSYNC_[A-Z_]+)` \| (.*?) \|/gm)];
    expect(rows).toHaveLength(10);
    for (const [, env, cell] of rows) {
      const setting = SETTINGS.find((one) => one.env === env);
      const kubernetes = setting?.kubernetesFallback;
      const own = setting?.fallback === undefined ? (setting?.unset ?? "required") : `\`${setting.fallback}\``;
      expect([env, cell]).toEqual([env, kubernetes === undefined ? own : `${own}, in Kubernetes \`${kubernetes}\``]);
    }
  });

  it("quotes the demonstration", () => {
    const [quoted = ""] = fences(README, "text");
    const steps = quoted.split("\n").filter((line) => /^\d+\. /.test(line));
    expect(steps).toHaveLength(6);
    const demo = textOf("scripts/demo.ts");
    for (const step of steps) expect(demo).toContain(step);
  });

  it("adds to an image what kgsync's image has", () => {
    const dockerfile = textOf("Dockerfile");
    const [onto = "", into = ""] = fences(README, "dockerfile");
    expect(onto.trim().split("\n")).toHaveLength(3);
    expect(dockerfile).toMatch(/^FROM runtime AS kgsync$/m);
    const [copy, entrypoint = "none"] = into.trim().split("\n");
    // The folder of the target `dist`, and the entry that its own script makes.
    expect(dockerfile).toMatch(/^COPY --from=portable-sealed \/opt\/kgsync \/opt\/kgsync$/m);
    expect(copy).toBe("COPY --from=kgsync:dist /opt/kgsync /opt/kgsync");
    expect(dockerfile).toContain(`#   ${entrypoint} `);
    expect(textOf("docs/images.md")).toContain(`${copy}\nUSER 65532:65532\nWORKDIR /data\n${entrypoint}\n`);
    expect(dockerfile.split("\n")).toContain('ENTRYPOINT ["kgsync", "run", "--"]');
    expect(README).toContain('    ENTRYPOINT ["kgsync", "run", "--"]\n');
  });

  it("has a compose file that says what docker-compose.yml says", () => {
    const [snippet = ""] = fences(README, "yaml");
    const own = yamlPaths(snippet);
    const whole = yamlPaths(textOf("docker-compose.yml"));
    const differs = [...own.keys()].filter((path) => path !== "services.app.image" && !whole.has(path));
    expect(differs).toEqual([]);
    const same = ["stop_grace_period", "environment.KGSYNC_GRACE", "volumes.[]", "restart", "read_only"];
    for (const name of [...same, "cap_drop", "security_opt"]) {
      expect(own.get(`services.app.${name}`), name).toEqual(whole.get(`services.app.${name}`));
      expect(own.get(`services.app.${name}`), name).toHaveLength(1);
    }
    expect(own.get("services.app.stop_grace_period")).toEqual(own.get("services.app.environment.KGSYNC_GRACE"));
    expect(own.get("services.app.volumes.[]")?.[0]).toMatch(/^[a-z]+:\/.*[^n]$/); // a volume on a folder, not on the graph
  });
});

describe("docs/operations.md", () => {
  const text = textOf("docs/operations.md");

  it("has an entry for every exit code of kgsync's own", () => {
    const headings = [...text.matchAll(/^### (.+)$/gm)].map(([, heading = ""]) => heading);
    const told = headings.flatMap((heading) => heading.split(":")[0]?.match(/\d+/g) ?? []).map(Number);
    for (const { exit } of Object.values(ERRORS)) expect(told).toContain(exit);
  });

  it("has an entry for every event of level warn or error, at its level, and for no other", () => {
    const call = /log\.(warn|error)\(\s*"([a-z0-9.-]+)"/g;
    const logged = filesBelow("src", ".ts").flatMap((path) =>
      [...textOf(path).matchAll(call)].map(([, level, event]) => `${event} ${level}`),
    );
    const told = [...text.matchAll(/^\| `([a-z0-9.-]+)` \| (warn|error) \|/gm)].map(
      ([, event, at]) => `${event} ${at}`,
    );
    expect(logged.length).toBeGreaterThan(20);
    expect(told).toEqual([...new Set(told)]);
    expect([...told].sort()).toEqual([...new Set(logged)].sort());
  });
});
