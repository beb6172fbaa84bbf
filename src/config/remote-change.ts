import { parseSignal } from "../core/signals.ts";
import type { Kind } from "./field.ts";
import { parsedText } from "./kinds.ts";
import { CATCHABLE, isCatchable } from "./lists.ts";

/** What is done when the bucket's graph changes while the app runs. `signal`: the number that is sent to the app. */
export type OnRemoteChange =
  | { readonly kind: "ignore" | "restart" }
  | { readonly kind: "signal"; readonly signal: number };

/** `ignore`, `restart` or `signal:NAME`, with or without `SIG`. */
export const onRemoteChange = (): Kind<OnRemoteChange> =>
  parsedText<OnRemoteChange>(
    `ignore | restart | signal:NAME with NAME of ${CATCHABLE.join(", ")}`,
    /^(?:ignore|restart|signal:(?:SIG)?[A-Z][A-Z0-9]*)$/,
    (text) => {
      if (text === "ignore" || text === "restart") return { value: { kind: text } };
      const signal = parseSignal(text.slice("signal:".length));
      return signal !== undefined && isCatchable(signal)
        ? { value: { kind: "signal", signal } }
        : { problem: "names a signal that no program can take for a wish" };
    },
  );
