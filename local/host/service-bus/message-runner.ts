import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import type { RegisteredFunction } from "../app-registration.ts";
import type { HostLog } from "../core-types.ts";
import type { Invoker } from "../invoker.ts";
import { toBatchMetadata, toBodyData, toTriggerMetadata } from "./message-data.ts";
import type { TriggerPlan } from "./trigger-plan.ts";

/** The part of a receiver that settles what it received. */
export interface Settler {
  completeMessage(message: ServiceBusReceivedMessage): Promise<void>;
  abandonMessage(message: ServiceBusReceivedMessage): Promise<void>;
}

export interface MessageRunner {
  readonly runOne: (message: ServiceBusReceivedMessage, settler: Settler) => Promise<void>;
  readonly runBatch: (messages: readonly ServiceBusReceivedMessage[], settler: Settler) => Promise<void>;
}

/**
 * Runs a function for what was received, then completes it; where it throws, gives it back at once.
 * That means immediate redelivery, as on Azure: what should wait must be scheduled by the app. The queue counts the deliveries.
 */
export function createMessageRunner(
  entry: RegisteredFunction,
  plan: TriggerPlan,
  deps: { readonly invoker: Invoker; readonly log: HostLog },
): MessageRunner {
  const category = `Function.${entry.metadata.name}`;

  /** A lock that was lost means that the message is delivered again; the app is made for that, so it is told and no more. */
  async function settle(
    how: "complete" | "abandon",
    message: ServiceBusReceivedMessage,
    settler: Settler,
  ): Promise<void> {
    try {
      await (how === "complete" ? settler.completeMessage(message) : settler.abandonMessage(message));
    } catch (error) {
      deps.log(
        "warning",
        category,
        `message ${String(message.messageId)} of ${plan.queueName} could not be settled (${how}) and will be delivered again: ${String(error)}`,
      );
    }
  }

  async function run(
    messages: readonly ServiceBusReceivedMessage[],
    settler: Settler,
    invoke: () => Promise<unknown>,
  ): Promise<void> {
    let succeeded = true;
    try {
      await invoke();
    } catch (error) {
      succeeded = false;
      deps.log("debug", category, `${messages.length} message(s) of ${plan.queueName} are abandoned: ${String(error)}`);
    }
    if (succeeded && !plan.autoCompleteMessages) return;
    const how = succeeded ? "complete" : "abandon";
    await Promise.all(messages.map((message) => settle(how, message, settler)));
  }

  return {
    runOne: (message, settler) =>
      run([message], settler, async () => {
        const input = { trigger: bodyOf(message), triggerMetadata: toTriggerMetadata(message) };
        await deps.invoker.invoke(entry, input);
      }),
    runBatch: (messages, settler) =>
      run(messages, settler, async () => {
        const bodies = messages.map((message) => bodyOf(message).string ?? "");
        await deps.invoker.invoke(entry, {
          trigger: { collectionString: { string: bodies } },
          triggerMetadata: toBatchMetadata(messages),
        });
      }),
  };

  function bodyOf(message: ServiceBusReceivedMessage): ReturnType<typeof toBodyData> {
    try {
      return toBodyData(message, plan.isBatch ? undefined : plan.dataType);
    } catch (error) {
      deps.log("error", category, String(error));
      throw error;
    }
  }
}
