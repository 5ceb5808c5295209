package dev.floe.quic.draft;

import dev.floe.ice.NamedPair;
import java.util.List;

/** What a {@link Traversal} wants done. */
public sealed interface TraversalOutput {

    /** Say this to the other side. */
    record Say(TraversalFrame frame) implements TraversalOutput {}

    /** Check these pairs from now on, and of the direct ones no others. */
    record Check(List<NamedPair> pairs) implements TraversalOutput {}
}
