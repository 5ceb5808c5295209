package dev.floe.demo.bench;

import dev.floe.stun.StunAttribute.IceControlled;
import dev.floe.stun.StunAttribute.Priority;
import dev.floe.stun.StunAttribute.Software;
import dev.floe.stun.StunAttribute.Username;
import dev.floe.stun.StunDecodeException;
import dev.floe.stun.StunKey;
import dev.floe.stun.StunMessage;
import dev.floe.stun.StunMethod;
import dev.floe.stun.TransactionId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.ice4j.StunException;
import org.ice4j.message.Message;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A Binding request with ICE's attributes, the one of RFC 5769, section 2.1: read, checked and made. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StunCosts {

    private static final String PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt";
    private static final String REQUEST = """
            000100582112a442b7e7a701bc34d686fa87dfae802200105354554e20746573\
            7420636c69656e74002400046e0001ff80290008932ff9b151263b3600060009\
            6576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249\
            c1b571a280280004e57a3bcf""";

    private static final int INTEGRITY_AT = 76;
    private static final int FINGERPRINT_AT = 100;

    private final byte[] bytes = HexFormat.of().parseHex(REQUEST);
    private final ByteBuf datagram = Unpooled.wrappedBuffer(bytes);
    private final StunKey key = StunKey.shortTerm(PASSWORD);
    private final TransactionId id = TransactionId.of(HexFormat.of().parseHex("b7e7a701bc34d686fa87dfae"));
    private final Mac mac;

    public StunCosts() {
        try {
            mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(PASSWORD.getBytes(StandardCharsets.US_ASCII), "HmacSHA1"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HMAC-SHA1", e);
        }
    }

    @Benchmark
    public Object decode() throws StunDecodeException {
        return StunMessage.decode(datagram);
    }

    @Benchmark
    public Object decodeByIce4j() throws StunException {
        return Message.decode(bytes, 0, bytes.length);
    }

    @Benchmark
    public boolean verify() throws StunDecodeException {
        StunMessage request = StunMessage.decode(datagram);
        return request.hasValidFingerprint() && request.isSignedBy(key);
    }

    @Benchmark
    public Object sign() {
        return StunMessage.request(StunMethod.BINDING, id)
                .add(new Software("STUN test client"))
                .add(new Priority(0x6e0001ff))
                .add(new IceControlled(0x932ff9b151263b36L))
                .add(new Username("evtj:h6vY"))
                .sign(key)
                .fingerprint()
                .build();
    }

    /** What checking and signing cannot do without. */
    @Benchmark
    public long bare() {
        mac.update(bytes, 0, INTEGRITY_AT);
        byte[] hmac = mac.doFinal();
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, FINGERPRINT_AT);
        return crc.getValue() + hmac[0];
    }
}
