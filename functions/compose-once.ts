import type { Composition, Provided } from "../shared/composition.ts";

let provided: Provided = {};
let composed: Promise<Composition> | undefined;

/** Gives parts of the composition before it is made: the one place where a host on one machine hands in its store. */
export function provide(parts: Provided): void {
  provided = parts;
  composed = undefined;
}

/** The composition of this process, loaded and made with the first work: registering functions costs none of it. What could not be made is tried anew. */
export function composition(): Promise<Composition> {
  composed ??= import("./work.ts")
    .then(({ compose }) => compose(provided))
    .catch((error: unknown) => {
      composed = undefined;
      throw error;
    });
  return composed;
}

/** The composition where there is one: what only ends things makes none. */
export function composedAlready(): Promise<Composition | undefined> {
  return composed?.catch(() => undefined) ?? Promise.resolve(undefined);
}

/** The composition, or undefined where the configuration cannot be used: then the message was put off, and says so in the log. */
export async function compositionOrHeld(
  queue: string,
  message: unknown,
  isInSession: boolean,
): Promise<Composition | undefined> {
  try {
    return await composition();
  } catch (error) {
    const { holdMessage, isMisconfigured } = await import("./work.ts");
    if (!isMisconfigured(error)) throw error;
    await holdMessage(provided, { queue, message, isInSession }, error);
    return undefined;
  }
}
