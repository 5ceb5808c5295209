package dev.floe.ice.agent;

import dev.floe.ice.IceEvent;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;

/** What waits to be done and told, what may be sent to strangers, and what was dropped. */
final class AgentSession {

    private final Queue<AgentOutput> outputs = new ArrayDeque<>();
    private final CheckBudget budget;
    private long unauthenticated;

    AgentSession(CheckBudget budget) {
        this.budget = budget;
    }

    void tell(IceEvent event) {
        outputs.add(new AgentOutput.Notify(event));
    }

    void transmit(AgentOutput.Transmit transmit) {
        outputs.add(transmit);
    }

    void answer(StunMessage response, InetSocketAddress base, InetSocketAddress destination) {
        transmit(new AgentOutput.Transmit(response, base, destination));
    }

    AgentOutput poll() {
        return outputs.poll();
    }

    /** What may be sent to addresses that have shown nothing. */
    CheckBudget budget() {
        return budget;
    }

    /** A message was dropped because it was not signed as it had to be. */
    void droppedUnauthenticated() {
        unauthenticated++;
    }

    long unauthenticated() {
        return unauthenticated;
    }
}
