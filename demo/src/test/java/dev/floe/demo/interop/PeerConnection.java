package dev.floe.demo.interop;

import dev.floe.ice.Candidate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.StringNode;

/** An {@code RTCPeerConnection} in the page of a {@link Chromium}. What it gives and takes is SDP, line by line. */
final class PeerConnection {
    private static final String OPEN = """
            window.pc = new RTCPeerConnection();
            window.connected = new Promise(done => pc.oniceconnectionstatechange =
                () => ['connected', 'completed'].includes(pc.iceConnectionState) && done());
            window.gathered = new Promise(done => pc.onicegatheringstatechange =
                () => pc.iceGatheringState == 'complete' && done());
            window.candidates = new ReadableStream({start(queue) {
                pc.onicecandidate = ({candidate}) => candidate ? queue.enqueue(candidate.candidate) : queue.close();
            }}).getReader();
            """;
    private static final String OFFER = """
            pc.createDataChannel('floe');
            const offer = await pc.createOffer();
            await pc.setLocalDescription(offer);
            return offer.sdp;
            """;
    private static final String ANSWER = """
            await pc.setRemoteDescription({type: 'offer', sdp: %s});
            const answer = await pc.createAnswer();
            await pc.setLocalDescription(answer);
            return answer.sdp;
            """;
    private static final String TAKE_ANSWER = "await pc.setRemoteDescription({type: 'answer', sdp: %s});";
    private static final String NEXT_CANDIDATE = "return (await candidates.read()).value ?? '';";
    private static final String ADD_CANDIDATE = "await pc.addIceCandidate({candidate: %s, sdpMid: '0'});";
    private static final String GATHERED = "await gathered; return pc.localDescription.sdp;";
    private static final String ROLE_WHEN_CONNECTED = """
            await connected;
            return [...(await pc.getStats()).values()].find(entry => entry.type == 'transport').iceRole;
            """;

    private final Chromium chromium;

    PeerConnection(Chromium chromium) throws IOException {
        this.chromium = chromium;
        chromium.run(OPEN);
    }

    /** Offers a data channel, without any candidate; as the offerer, it controls. */
    List<String> offer() throws IOException {
        return lines(chromium.run(OFFER));
    }

    /** Answers an offer, without any candidate. */
    List<String> answer(List<String> offer) throws IOException {
        return lines(chromium.run(ANSWER.formatted(quoted(offer))));
    }

    /** Takes the answer to its offer. */
    void takeAnswer(List<String> answer) throws IOException {
        chromium.run(TAKE_ANSWER.formatted(quoted(answer)));
    }

    /** The offer or the answer once more, when all candidates are in it. */
    List<String> gathered() throws IOException {
        List<String> lines = new ArrayList<>(lines(chromium.run(GATHERED)));
        lines.add(SdpText.END_OF_CANDIDATES); // which WebRTC's API does not write
        return lines;
    }

    /** The next candidate to trickle, empty when there are no more. */
    Optional<String> nextCandidate() throws IOException {
        return Optional.of(chromium.run(NEXT_CANDIDATE)).filter(candidate -> !candidate.isEmpty());
    }

    /** Takes a trickled candidate. */
    void addCandidate(Candidate candidate) throws IOException {
        chromium.run(ADD_CANDIDATE.formatted(StringNode.valueOf("candidate:" + candidate.toSdp())));
    }

    /** No candidate follows. */
    void endOfCandidates() throws IOException {
        chromium.run(ADD_CANDIDATE.formatted("''"));
    }

    /** Waits for the ICE transport to be connected, and tells its role. */
    String roleWhenConnected() throws IOException {
        return chromium.run(ROLE_WHEN_CONNECTED);
    }

    private static List<String> lines(String sdp) {
        return sdp.lines().toList();
    }

    /** A string in JavaScript. */
    private static String quoted(List<String> lines) {
        return StringNode.valueOf(String.join("\r\n", lines) + "\r\n").toString();
    }
}
