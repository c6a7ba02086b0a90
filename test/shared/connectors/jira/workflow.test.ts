import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PermanentError } from "../../../../shared/errors.ts";
import { type JiraMapping, fullMapping } from "../../../../shared/connectors/jira/mapping-options.ts";
import type { WireStatus, WireTransition } from "../../../../shared/connectors/jira/schema.ts";
import { createWorkflow } from "../../../../shared/connectors/jira/workflow.ts";

function status(name: string, category = "indeterminate"): WireStatus {
  return { id: name, name, statusCategory: { key: category } };
}

/** Edges as "from>to"; statuses named Done… are done, New… are new. */
async function walked(edges: readonly string[], target: string, mapping: JiraMapping = {}, from = "New") {
  const workflow = createWorkflow(fullMapping(mapping));
  const all = (name: string): WireStatus => status(name, categoryOf(name));
  const walk = async (): Promise<readonly string[]> => {
    let at = from;
    const passed: string[] = [];
    await workflow.walk({
      label: "SEC-1",
      from: all(from),
      target,
      resolution: "Done",
      present: () => Promise.resolve(all(at)),
      offered: () =>
        Promise.resolve(
          edges
            .map((edge) => edge.split(">"))
            .filter(([start]) => start === at)
            .map(([start = "", to = ""]): WireTransition => ({ id: `${start}>${to}`, name: `to ${to}`, to: all(to) })),
        ),
      take(transition) {
        at = transition.to.name;
        passed.push(at);
        return Promise.resolve();
      },
      mayTransition: () => Promise.resolve(true),
    });
    return passed;
  };
  return { first: await walk(), second: await walk() };
}

function categoryOf(name: string): string {
  if (name.startsWith("Done")) return "done";
  return name.startsWith("New") ? "new" : "indeterminate";
}

function transitionTo(name: string, fields: WireTransition["fields"] = {}): WireTransition {
  return { id: name, name: `to ${name}`, to: status(name, categoryOf(name)), fields };
}

describe("the way through a workflow", () => {
  it("is the direct one where there is one", async () => {
    const { first } = await walked(["New>A", "New>Done", "A>Done"], "category:done");
    expect(first).toEqual(["Done"]);
  });

  it("is found through a dead end, and known the next time", async () => {
    const { first, second } = await walked(["New>A", "A>B", "B>A", "A>C", "C>Done"], "category:done");
    expect(first).toEqual(["A", "B", "A", "C", "Done"]);
    expect(second).toEqual(["A", "C", "Done"]);
  });

  it("passes through no status of another stage where another way is open", async () => {
    const mapping = { statuses: { awaitingCustomerAction: "B" } };
    const { first } = await walked(["New>A", "A>B", "B>A", "A>C", "C>Done"], "category:done", mapping);
    expect(first).toEqual(["A", "C", "Done"]);
  });

  it("closes nothing on the way to being open", async () => {
    await expect(walked(["New>Done", "Done>A"], "category:indeterminate")).rejects.toBeInstanceOf(PermanentError);
  });

  it("of an issue that is there already has no step", async () => {
    const { first } = await walked([], "category:new");
    expect(first).toEqual([]);
  });

  it("is given up with what there is, where none leads there", async () => {
    const lost = walked(["New>A", "A>New"], "Nowhere", { statuses: { resolved: "Nowhere" } });
    await expect(lost).rejects.toMatchObject({ reason: "rejected" });
    await expect(lost).rejects.toThrow(/no way through the workflow leads from "New", then "A" to "Nowhere"/);
  });

  it("is looked for anew where a person moved the issue meanwhile, and the others' way stays known", async () => {
    const workflow = createWorkflow(fullMapping({}));
    const walk = (passed: string[], movedBack: boolean): Promise<void> => {
      let at = "New";
      return workflow.walk({
        label: "SEC-1",
        from: status("New", "new"),
        target: "category:done",
        resolution: "Done",
        present: () => Promise.resolve(status(at, categoryOf(at))),
        offered: () =>
          Promise.resolve(at === "New" ? [transitionTo("A")] : [transitionTo("New"), transitionTo("Done")]),
        take({ to }) {
          passed.push(to.name);
          at = movedBack ? "New" : to.name;
          return Promise.resolve();
        },
        mayTransition: () => Promise.resolve(true),
      });
    };
    await expect(walk([], true)).rejects.toMatchObject({ name: "RetryableError", reason: "conflict" });
    const passed: string[] = [];
    await walk(passed, false);
    expect(passed).toEqual(["A", "Done"]);
  });

  it("to a closed status is known where it was first seen by an issue that was not to be closed", async () => {
    const workflow = createWorkflow(fullMapping({ statuses: { awaitingCustomerAction: "B" } }));
    const resolution = { resolution: { required: true, allowedValues: [{ name: "Done" }] } };
    const offers: Readonly<Record<string, readonly WireTransition[]>> = {
      Review: [transitionTo("A"), transitionTo("Done", resolution)],
      A: [transitionTo("B"), transitionTo("Review")],
      B: [transitionTo("A")],
    };
    const walk = async (from: string, target: string): Promise<readonly string[]> => {
      const passed = [from];
      const at = (): string => passed.at(-1) ?? from;
      await workflow.walk({
        label: "SEC-1",
        from: status(from),
        target,
        resolution: target === "category:done" ? "Done" : undefined,
        present: () => Promise.resolve(status(at(), categoryOf(at()))),
        offered: () => Promise.resolve(offers[at()] ?? []),
        take: ({ to }) => Promise.resolve(void passed.push(to.name)),
        mayTransition: () => Promise.resolve(true),
      });
      return passed;
    };
    expect(await walk("Review", "B")).toEqual(["Review", "A", "B"]);
    expect(await walk("B", "category:done")).toEqual(["B", "A", "Review", "Done"]);
  });

  it("of any workflow ends: at the target, or with a refusal", async () => {
    const names = ["New", "A", "B", "C", "D", "Done"];
    const edge = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)).map(([from, to]) => `${from}>${to}`);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(edge, { maxLength: 20 }), async (edges) => {
        const ended = await walked(edges, "category:done").then(
          ({ first }) => first.at(-1) === "Done",
          (error: unknown) => error instanceof PermanentError,
        );
        expect(ended).toBe(true);
      }),
    );
  });
});
