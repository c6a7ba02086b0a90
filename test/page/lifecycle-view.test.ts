import { describe, expect, it } from "vitest";
import { lifecycleView } from "../../page/view/lifecycle-view.ts";
import type { Stage } from "../../shared/incident/lifecycle.ts";

function positions(stage: Stage, statusRaw = ""): string {
  return lifecycleView(stage, statusRaw)
    .steps.map((step) => step.position)
    .join(" ");
}

describe("lifecycleView", () => {
  it.each([
    ["active", "current after after after", "Active", "Step 1 of 4: "],
    ["inProgress", "before current after after", "In progress", "Step 2 of 4: "],
    ["awaitingCustomerAction", "before before current after", "Awaiting Customer Action", "Step 3 of 4: "],
    ["resolved", "before before before current", "Resolved", "Step 4 of 4: "],
  ] as const)("puts %s on the track", (stage, expected, label, spoken) => {
    expect(positions(stage)).toBe(expected);
    expect(lifecycleView(stage, "")).toMatchObject({ kind: "onTrack", label, spokenPosition: spoken });
  });

  it("takes a merged incident off the track", () => {
    expect(positions("redirected")).toBe("off off off off");
    expect(lifecycleView("redirected", "redirected")).toMatchObject({ kind: "merged", label: "Merged away" });
  });

  it("shows an unrecognised status as it came", () => {
    expect(lifecycleView("unrecognised", "onHold")).toMatchObject({
      kind: "unrecognised",
      label: "Unrecognised status “onHold”",
      spokenPosition: "",
    });
    expect(lifecycleView("unrecognised", "").label).toBe("Unrecognised status (empty)");
  });

  it("does not guess a stage of a newer server", () => {
    expect(lifecycleView("suspended" as Stage, "suspended").kind).toBe("unrecognised");
  });
});
