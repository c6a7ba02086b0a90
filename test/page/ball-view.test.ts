import { describe, expect, it } from "vitest";
import { ballView } from "../../page/view/ball-view.ts";
import type { Ball } from "../../shared/incident/ball.ts";

describe("ballView", () => {
  it.each([
    ["customer", "Customer", "customer", "You (customer)", "Assigned to Customer"],
    ["experts", "Defender Experts", "experts", "Experts", "Assigned to Defender Experts"],
    ["analyst", "Ama", "analyst", "Ama", "Assigned analyst"],
    ["analyst", "", "analyst", "An analyst", "Assigned analyst"],
    ["unassigned", "", "none", "Nobody yet", "Unassigned"],
    ["nobody", "Unassigned", "none", "Nobody", "Unassigned"],
    ["unknown", "Somebody", "none", "Not known", "Assigned to Somebody"],
    ["of a newer server" as Ball, "", "none", "Not known", "Unassigned"],
  ] as const)("reads %s with %j", (ball, assignedTo, holder, label, assignment) => {
    expect(ballView({ ball, assignedTo })).toEqual({ holder, label, assignment });
  });
});
