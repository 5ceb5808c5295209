package dev.floe.demo.readme;

import dev.floe.quic.PeerConfig;
import dev.floe.quic.PeerIdentity;
import dev.floe.quic.capture.CaptureFile;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;

/** Code that the documents show and that is nowhere else; {@link DocumentsTest} compares the two. */
final class DocumentSnippets {

    private DocumentSnippets() {}

    static PeerConfig captured(EventLoopGroup group, PeerIdentity identity) throws IOException {
        CaptureFile capture = CaptureFile.open(Path.of("peer.pcapng"));
        PeerConfig config = PeerConfig.builder(group, identity)
                .capture(() -> capture.tap("floe"))
                .build();
        return config;
    }
}
