package dev.floe.ice.agent;

import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Authentic checks that came before the other side's description: answered already, to be learned from later. */
final class EarlyChecks {

    private static final int MAX = 16;

    record EarlyCheck(StunMessage request, InetSocketAddress base, InetSocketAddress sender) {}

    private final List<EarlyCheck> checks = new ArrayList<>();

    /** Keeps the last check of each address and the last one that nominates it; one address too many is forgotten. */
    void add(StunMessage request, InetSocketAddress base, InetSocketAddress sender) {
        boolean nominates = request.has(StunAttribute.UseCandidate.class);
        checks.removeIf(known -> known.base().equals(base)
                && known.sender().equals(sender)
                && known.request().has(StunAttribute.UseCandidate.class) == nominates);
        if (checks.size() < MAX) {
            checks.add(new EarlyCheck(request, base, sender));
        }
    }

    /** Takes those that fulfil the condition; the others may be of a peer whose description is still to come. */
    List<EarlyCheck> take(Predicate<StunMessage> condition) {
        List<EarlyCheck> taken =
                checks.stream().filter(check -> condition.test(check.request())).toList();
        checks.removeAll(taken);
        return taken;
    }
}
