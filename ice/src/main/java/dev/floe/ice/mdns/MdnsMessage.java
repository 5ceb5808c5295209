package dev.floe.ice.mdns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecordEncoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.ReferenceCountUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A multicast DNS message (RFC 6762 §18), with those of its questions and records that are about addresses.
 *
 * @param id 0 but in a query of one that does not speak from the port of multicast DNS, and in the answer to it
 */
record MdnsMessage(int id, boolean isResponse, List<Question> questions, List<Answer> answers) {

    // What a message may hold at all is bounded by the datagram; more than this nobody asks or answers at once.
    private static final int MAX_ENTRIES = 64;
    private static final int QUERY = 0;
    private static final int AUTHORITATIVE_ANSWER = 0x8400;
    private static final int RESPONSE = 0x8000;
    private static final int OPCODE_AND_RCODE = 0x780f;
    private static final int CACHE_FLUSH = 0x8000;
    private static final int TTL_SECONDS = 120;
    private static final int LEGACY_TTL_SECONDS = 10;

    /** @param type A, AAAA or ANY */
    record Question(String name, DnsRecordType type) {

        boolean isFor(InetAddress address) {
            return type.equals(DnsRecordType.ANY) || type.equals(typeOf(address));
        }
    }

    /** @param isUnique whether the name has no other records than its message's, the cache-flush bit */
    record Answer(String name, InetAddress address, long ttlSeconds, boolean isUnique) {}

    MdnsMessage {
        questions = List.copyOf(questions);
        answers = List.copyOf(answers);
    }

    /** Asks for a name's addresses of both families. */
    static MdnsMessage query(String name) {
        return new MdnsMessage(
                0,
                false,
                List.of(new Question(name, DnsRecordType.A), new Question(name, DnsRecordType.AAAA)),
                List.of());
    }

    static MdnsMessage answer(String name, InetAddress address) {
        return new MdnsMessage(0, true, List.of(), List.of(new Answer(name, address, TTL_SECONDS, true)));
    }

    /** Takes a name back (RFC 6762 §10.1). */
    static MdnsMessage goodbye(String name, InetAddress address) {
        return new MdnsMessage(0, true, List.of(), List.of(new Answer(name, address, 0, true)));
    }

    /** Answers as ordinary DNS does (RFC 6762 §6.7). */
    static MdnsMessage legacyAnswer(int id, Question question, InetAddress address) {
        return new MdnsMessage(
                id, true, List.of(question), List.of(new Answer(question.name(), address, LEGACY_TTL_SECONDS, false)));
    }

    /** Reads a message, or nothing if it is malformed; {@code datagram} stays the caller's. */
    static Optional<MdnsMessage> decode(ByteBuf datagram) {
        // The codec takes a name's pointers for absolute indexes.
        ByteBuf in = datagram.slice();
        try {
            int id = in.readUnsignedShort();
            int flags = in.readUnsignedShort();
            int questionCount = in.readUnsignedShort();
            int answerCount = in.readUnsignedShort();
            in.skipBytes(4);
            boolean isTooMuch = questionCount > MAX_ENTRIES || answerCount > MAX_ENTRIES;
            if (isTooMuch || (flags & OPCODE_AND_RCODE) != 0) {
                return Optional.empty();
            }
            List<Question> questions = questions(in, questionCount);
            return Optional.of(new MdnsMessage(id, (flags & RESPONSE) != 0, questions, answers(in, answerCount)));
        } catch (Exception e) {
            // Whatever the codec makes of a message that is too short, points into itself or names nothing.
            return Optional.empty();
        }
    }

    /** The message's bytes; whoever writes them releases them. */
    ByteBuf encode() {
        ByteBuf out = Unpooled.buffer();
        out.writeShort(id).writeShort(isResponse ? AUTHORITATIVE_ANSWER : QUERY);
        out.writeShort(questions.size()).writeShort(answers.size()).writeInt(0);
        try {
            for (Question question : questions) {
                DnsRecordEncoder.DEFAULT.encodeQuestion(new DefaultDnsQuestion(question.name(), question.type()), out);
            }
            for (Answer answer : answers) {
                DnsRecordEncoder.DEFAULT.encodeRecord(record(answer), out);
            }
            return out;
        } catch (Exception e) {
            out.release();
            throw new IllegalArgumentException("cannot be said in DNS: " + this, e);
        }
    }

    private static DnsRecord record(Answer answer) {
        return new DefaultDnsRawRecord(
                answer.name(),
                typeOf(answer.address()),
                DnsRecord.CLASS_IN | (answer.isUnique() ? CACHE_FLUSH : 0),
                answer.ttlSeconds(),
                Unpooled.wrappedBuffer(answer.address().getAddress()));
    }

    private static List<Question> questions(ByteBuf in, int count) throws Exception {
        List<Question> questions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            DnsQuestion question = DnsRecordDecoder.DEFAULT.decodeQuestion(in);
            if (isAddress(question.type()) || question.type().equals(DnsRecordType.ANY)) {
                questions.add(new Question(name(question), question.type()));
            }
        }
        return questions;
    }

    private static List<Answer> answers(ByteBuf in, int count) throws Exception {
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            DnsRecord answer = DnsRecordDecoder.DEFAULT.decodeRecord(in);
            try {
                if (answer instanceof DnsRawRecord raw && isAddress(raw.type())) {
                    boolean isUnique = (raw.dnsClass() & CACHE_FLUSH) != 0;
                    InetAddress address = InetAddress.getByAddress(ByteBufUtil.getBytes(raw.content()));
                    answers.add(new Answer(name(raw), address, raw.timeToLive(), isUnique));
                }
            } finally {
                ReferenceCountUtil.release(answer);
            }
        }
        return answers;
    }

    /** As it is compared (RFC 6762 §16), without the dot at its end. */
    private static String name(DnsRecord about) {
        return about.name().substring(0, about.name().length() - 1).toLowerCase(Locale.ROOT);
    }

    private static boolean isAddress(DnsRecordType type) {
        return type.equals(DnsRecordType.A) || type.equals(DnsRecordType.AAAA);
    }

    private static DnsRecordType typeOf(InetAddress address) {
        return address instanceof Inet4Address ? DnsRecordType.A : DnsRecordType.AAAA;
    }
}
