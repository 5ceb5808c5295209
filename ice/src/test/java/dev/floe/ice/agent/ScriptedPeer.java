package dev.floe.ice.agent;

import dev.floe.ice.Candidate;
import dev.floe.ice.CandidateType;
import dev.floe.ice.IceConfig;
import dev.floe.ice.IceCredentials;
import dev.floe.ice.IceDescription;
import dev.floe.ice.IceRole;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunKey;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** The other side as a test writes it: it says what the test wants, signed as it has to be, and does nothing by itself. */
final class ScriptedPeer {

    /** What a peer offers that is Floe. */
    static final Set<String> FLOE = IceConfig.of(IceRole.CONTROLLED, List.of()).options();

    private final IceCredentials credentials;
    private final StunKey key;
    private final SplittableRandom random = new SplittableRandom(7);
    private final IceRole role;
    private final IceCredentials agent;
    private final StunKey agentKey;
    private final Set<String> options;

    ScriptedPeer(IceRole role, IceCredentials agent, Set<String> options) {
        this(role, agent, options, "peer");
    }

    ScriptedPeer(IceRole role, IceCredentials agent, Set<String> options, String usernameFragment) {
        credentials = new IceCredentials(usernameFragment, "the-password-of-the-" + usernameFragment);
        key = StunKey.shortTerm(credentials.password());
        this.role = role;
        this.agent = agent;
        this.agentKey = StunKey.shortTerm(agent.password());
        this.options = options;
    }

    /** The same peer under credentials of its own that are new. */
    ScriptedPeer renewed(String usernameFragment) {
        return new ScriptedPeer(role, agent, options, usernameFragment);
    }

    IceCredentials credentials() {
        return credentials;
    }

    static InetSocketAddress address(String host, int port) {
        return new InetSocketAddress(host, port);
    }

    static Candidate host(InetSocketAddress address, int preference) {
        return candidate(CandidateType.HOST, "f" + address.getAddress().getHostAddress(), address, preference);
    }

    static Candidate candidate(CandidateType type, String foundation, InetSocketAddress address, int preference) {
        return new Candidate(foundation, Candidate.priority(type, preference), address, type, null);
    }

    /** A description that has all candidates. */
    IceDescription description(List<Candidate> candidates) {
        Set<String> all = new LinkedHashSet<>(options);
        all.add(IceDescription.END_OF_CANDIDATES);
        return new IceDescription(credentials, null, options.isEmpty() ? options : all, candidates);
    }

    /** A description that others' candidates follow, if this peer can trickle. */
    IceDescription beginning(List<Candidate> candidates) {
        return new IceDescription(credentials, null, options, candidates);
    }

    /** Whether a request names this peer's credentials and those of the agent that it knows. */
    boolean isAddressedBy(StunMessage request) {
        String username = credentials.usernameFragment() + ":" + agent.usernameFragment();
        return request.find(StunAttribute.Username.class)
                .filter(named -> named.value().equals(username))
                .isPresent();
    }

    /** A check as the peer sends it in its role. */
    StunMessage check(StunAttribute... more) {
        return signed(builder(more).add(roleAttribute(role, 1)));
    }

    /** A check that claims this role with this tie-breaker. */
    StunMessage checkAs(IceRole claimed, long tieBreaker, StunAttribute... more) {
        return signed(builder(more).add(roleAttribute(claimed, tieBreaker)));
    }

    StunMessage nominate() {
        return check(new StunAttribute.UseCandidate());
    }

    StunMessage nominate(long nomination) {
        return check(new StunAttribute.UseCandidate(), new StunAttribute.Nomination(nomination));
    }

    /** A check without its signature, for a test to complete as it likes. */
    StunMessage.Builder builder(StunAttribute... more) {
        return builderAs(agent.usernameFragment() + ":" + credentials.usernameFragment(), more);
    }

    StunMessage.Builder builderAs(String username, StunAttribute... more) {
        StunMessage.Builder request = StunMessage.request(StunMethod.BINDING, TransactionId.random(random))
                .add(new StunAttribute.Username(username))
                .add(new StunAttribute.Priority(Candidate.priority(CandidateType.PEER_REFLEXIVE, 65_535)));
        List.of(more).forEach(request::add);
        return request;
    }

    StunMessage signed(StunMessage.Builder request) {
        return request.sign(agentKey).fingerprint().build();
    }

    StunMessage answer(StunMessage request, InetSocketAddress mapped) {
        return StunMessage.success(request)
                .add(new StunAttribute.XorMappedAddress(mapped))
                .sign(key)
                .fingerprint()
                .build();
    }

    StunMessage refuse(StunMessage request, int code) {
        return StunMessage.error(request, code, "refused")
                .sign(key)
                .fingerprint()
                .build();
    }

    StunMessage sign(StunMessage.Builder response) {
        return response.sign(key).fingerprint().build();
    }

    private static StunAttribute roleAttribute(IceRole role, long tieBreaker) {
        return role == IceRole.CONTROLLING
                ? new StunAttribute.IceControlling(tieBreaker)
                : new StunAttribute.IceControlled(tieBreaker);
    }
}
