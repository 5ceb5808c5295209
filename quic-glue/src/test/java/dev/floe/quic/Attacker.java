package dev.floe.quic;

import dev.floe.ice.IceCredentials;
import dev.floe.stun.StunAttribute;
import dev.floe.stun.StunKey;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import io.netty.handler.codec.quic.QuicChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A socket of nobody's, that sends to the peers what it has heard or knows, and takes what comes back. */
final class Attacker implements AutoCloseable {

    private static final int MAGIC_COOKIE = 0x2112A442;

    private final DatagramChannel socket;
    private final SplittableRandom random;

    Attacker(long seed) throws IOException {
        socket = DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        socket.configureBlocking(false);
        random = new SplittableRandom(seed);
    }

    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) socket.getLocalAddress();
    }

    void send(byte[] datagram, QuicChannel victim) throws IOException {
        int port = ((InetSocketAddress) victim.parent().localAddress()).getPort();
        socket.send(ByteBuffer.wrap(datagram), new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** All that has come since the last call. */
    List<byte[]> received() throws IOException {
        List<byte[]> received = new ArrayList<>();
        ByteBuffer buffer = ByteBuffer.allocate(2_048);
        while (socket.receive(buffer.clear()) != null) {
            byte[] datagram = new byte[buffer.flip().remaining()];
            buffer.get(datagram);
            received.add(datagram);
        }
        return received;
    }

    static boolean isStun(byte[] datagram) {
        return datagram.length >= 20 && ByteBuffer.wrap(datagram).getInt(4) == MAGIC_COOKIE;
    }

    /** A real header of the connection, and behind it what nobody can have encrypted. */
    byte[] forgedQuic(byte[] real) {
        byte[] forged = real.clone();
        for (int i = 21; i < forged.length; i++) {
            forged[i] = (byte) random.nextInt();
        }
        return forged;
    }

    /** A check that would have this very way taken, as the controlling side signs it. */
    byte[] nomination(IceCredentials victim, IceCredentials other, long tieBreaker) {
        return StunMessage.request(StunMethod.BINDING, TransactionId.random(random))
                .add(new StunAttribute.Username(victim.usernameFragment() + ":" + other.usernameFragment()))
                .add(new StunAttribute.Priority(Integer.MAX_VALUE))
                .add(new StunAttribute.IceControlling(tieBreaker))
                .add(new StunAttribute.UseCandidate())
                .add(new StunAttribute.Nomination(0xFF_FFFF))
                .sign(StunKey.shortTerm(victim.password()))
                .fingerprint()
                .build()
                .toByteArray();
    }

    /** A check of the controlled side, by which it would force the other to control or to give control up. */
    byte[] roleGame(IceCredentials victim, IceCredentials other, long tieBreaker) {
        return StunMessage.request(StunMethod.BINDING, TransactionId.random(random))
                .add(new StunAttribute.Username(victim.usernameFragment() + ":" + other.usernameFragment()))
                .add(new StunAttribute.Priority(Integer.MAX_VALUE))
                .add(new StunAttribute.IceControlled(tieBreaker))
                .sign(StunKey.shortTerm(victim.password()))
                .fingerprint()
                .build()
                .toByteArray();
    }

    /** The answer to a check, as one who knows this password gives it. */
    byte[] answer(StunMessage request, String password) throws IOException {
        return StunMessage.success(request)
                .add(new StunAttribute.XorMappedAddress(address()))
                .sign(StunKey.shortTerm(password))
                .fingerprint()
                .build()
                .toByteArray();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
