package dev.floe.ice.agent;

import dev.floe.ice.IceEvent;
import dev.floe.ice.IceState;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;

/** Where the session stands, and what waits to be done and told. */
final class AgentSession {

    private final Queue<AgentOutput> outputs = new ArrayDeque<>();
    private IceState state = IceState.NEW;
    private long unauthenticated;

    IceState state() {
        return state;
    }

    void enter(IceState next) {
        if (state != next) {
            state = next;
            tell(new IceEvent.StateChanged(next));
        }
    }

    boolean isOver() {
        return state == IceState.FAILED || state == IceState.CLOSED;
    }

    void fail(IceEvent.SessionFailed.Reason reason) {
        enter(IceState.FAILED);
        tell(new IceEvent.SessionFailed(reason));
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

    /** A message was dropped because it was not signed as it had to be. */
    void droppedUnauthenticated() {
        unauthenticated++;
    }

    long unauthenticated() {
        return unauthenticated;
    }
}
