import { expect, test } from "vitest";
import { createRedact } from "../../../src/adapters/redact.ts";

test("over ssh a name alone is a part of the place; a password never is", () => {
  const redact = createRedact([]);
  expect(redact("git+ssh://git@host/x.git#main")).toBe("git+ssh://git@host/x.git#main");
  expect(redact("ssh://git@host:22/x")).toBe("ssh://git@host:22/x");
  expect(redact("ssh://git:secret@host/x")).toBe("ssh://host/x");
  expect(redact("git+https://token@host/x")).toBe("git+https://host/x");
});
