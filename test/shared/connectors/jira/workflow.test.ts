import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PermanentError } from "../../../../shared/errors.ts";
import { type JiraMapping, fullMapping } from "../../../../shared/connectors/jira/mapping-options.ts";
import type { WireStatus, WireTransition } from "../../../../shared/connectors/jira/schema.ts";
import { createWorkflow } from "../../../../shared/connectors/jira/workflow.ts";

function status(name: string, category = "indeterminate"): WireStatus {
  return { id: name, name, statusCategory: { key: category } };
}

/** Edges as "from>to", with what its screen requires as "from>to!field"; statuses named Done… are done, New… are new. */
interface Course {
  readonly edges: string[];
  readonly target: string;
  readonly mapping?: JiraMapping;
}

/** Issues of one workflow: each walk answers the statuses that its issue passed, and where it ended. */
function project({ edges, target, mapping = {} }: Course) {
  const workflow = createWorkflow(fullMapping(mapping));
  const all = (name: string): WireStatus => status(name, categoryOf(name));
  const screen = (field: string): Pick<WireTransition, "fields"> => ({ fields: { [field]: { required: true } } });
  return async (from: string, hidden: readonly string[] = []) => {
    let at = from;
    const passed: string[] = [];
    const refused = await workflow
      .walk({
        label: "SEC-1",
        from: all(from),
        target,
        resolution: "Done",
        present: () => Promise.resolve(all(at)),
        offered: () =>
          Promise.resolve(
            edges
              .filter((edge) => edge.startsWith(`${at}>`) && !hidden.includes(edge))
              .map((edge): WireTransition => {
                const [, to = "", field = ""] = /^[^>]*>([^!]*)!?(.*)$/.exec(edge) ?? [];
                return { id: edge, name: `to ${to}`, to: all(to), ...(field === "" ? {} : screen(field)) };
              }),
          ),
        take(transition) {
          at = transition.to.name;
          passed.push(at);
          return Promise.resolve();
        },
        mayTransition: () => Promise.resolve(true),
      })
      .then(
        () => undefined,
        (error: unknown) => error as PermanentError,
      );
    return { passed, at, refused };
  };
}

/** Two issues, one after the other. */
async function walked(edges: string[], target: string, mapping: JiraMapping = {}, from = "New") {
  const walk = project({ edges, target, mapping });
  const passed = async (): Promise<readonly string[]> => {
    const { refused, passed: statuses } = await walk(from);
    if (refused !== undefined) throw refused;
    return statuses;
  };
  return { first: await passed(), second: await passed() };
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

  it("is found as soon as it is there: a dead end that another issue met refuses nothing", async () => {
    const edges = ["New>A", "A>B", "B>A"];
    const walk = project({ edges, target: "category:done" });
    expect((await walk("A")).refused).toMatchObject({ reason: "rejected" });
    edges.push("B>Done");
    expect(await walk("A")).toMatchObject({ at: "Done", refused: undefined });
  });

  it("is found though a condition hides a step of it from another issue", async () => {
    const walk = project({ edges: ["New>A", "A>B", "B>A", "B>Done"], target: "category:done" });
    expect((await walk("A", ["B>Done"])).refused).toMatchObject({ reason: "rejected" });
    expect(await walk("A")).toMatchObject({ passed: ["B", "Done"], refused: undefined });
  });

  it("is gone back where it is refused, so that the issue stands where it stood", async () => {
    const walk = project({ edges: ["A>B", "B>C", "C>B", "B>A"], target: "category:done" });
    const { passed, refused } = await walk("A");
    expect(passed).toEqual(["B", "C", "B", "A"]);
    expect(refused?.message).not.toContain("left");
  });

  it("says so where nothing leads back", async () => {
    const { at, refused } = await project({ edges: ["A>B"], target: "category:done" })("A");
    expect(at).toBe("B");
    expect(refused?.message).toMatch(/left in "B", for nothing that was seen leads back to "A"/);
  });

  it("closes nothing on the way back", async () => {
    const mapping = { statuses: { resolved: "Solved", awaitingCustomerAction: "C" } };
    const edges = ["A>B", "B>Done", "Done>A", "Done>C", "C>B"];
    expect((await project({ edges, target: "Solved", mapping })("A")).passed).toEqual(["B", "Done", "C"]);
  });

  it("names the fields of every screen that may stand in it", async () => {
    const walk = project({ edges: ["A>B!customfield_1", "A>C", "C>A", "B>Done"], target: "category:done" });
    const { at, refused } = await walk("A");
    expect(at).toBe("A");
    expect(refused).toMatchObject({ reason: "rejected", mend: expect.stringContaining("mapping.transitionFields") });
    expect(refused?.message).toMatch(/the screen of the transition "to B" requires customfield_1/);
  });

  it("back to work that only a screen holds up is not closed for good", async () => {
    const hold = await project({ edges: ["Done>New!customfield_1"], target: "category:indeterminate" })("Done");
    expect(hold.refused).toMatchObject({ reason: "rejected" });
    expect(hold.refused?.message).toContain("customfield_1");
    const shut = await project({ edges: ["Done>Done2!customfield_1"], target: "category:indeterminate" })("Done");
    expect(shut.refused).toMatchObject({ reason: "final" });
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
