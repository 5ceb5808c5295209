package dev.floe.ice.agent;

import dev.floe.ice.IceEvent;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;

/** One thing that an {@link IceAgent} wants done. */
public sealed interface AgentOutput {

    /** Send {@code message} from {@code base} to {@code destination}. */
    record Transmit(StunMessage message, InetSocketAddress base, InetSocketAddress destination)
            implements AgentOutput {}

    /** Tell the user. */
    record Notify(IceEvent event) implements AgentOutput {}
}
