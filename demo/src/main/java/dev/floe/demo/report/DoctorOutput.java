package dev.floe.demo.report;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/** The doctor's findings for people: what they mean, and then the facts. */
final class DoctorOutput implements Output {

    private final PrintStream out;

    DoctorOutput(PrintStream out) {
        this.out = out;
    }

    @Override
    public void write(Event event, String peer, Moment moment) {
        if (event instanceof Event.Diagnosis diagnosis) {
            tell(diagnosis.advice());
            out.println();
            print("IPv4", diagnosis.ipv4());
            print("IPv6", diagnosis.ipv6());
            diagnosis.stun().forEach(this::print);
            diagnosis.turn().forEach(this::print);
        }
    }

    private void tell(List<String> advice) {
        advice.stream().limit(1).forEach(verdict -> out.println(Ansi.AUTO.string("@|bold " + verdict + "|@")));
        advice.stream().skip(1).forEach(out::println);
    }

    private void print(String family, Event.Network network) {
        if (network == null) {
            line(family, "no address");
            return;
        }
        String mapped = network.mapped() == null
                ? ", no answer from outside"
                : ", seen from outside as " + network.mapped() + nat(network.nat());
        line(family, list(network.addresses()) + mapped);
        if (network.mapped() != null) {
            line("", "mapping     " + behavior(network.mapping(), network.mappingUnknown()));
            line("", "filtering   " + behavior(network.filtering(), network.filteringUnknown()));
        }
        if (network.hairpinning() != null) {
            line("", "hairpinning " + (network.hairpinning() ? "yes" : "no"));
        }
    }

    private void print(Event.Stun stun) {
        String where = stun.address() == null || stun.address().equals(stun.server())
                ? stun.server()
                : stun.server() + " at " + stun.address();
        if (stun.ok()) {
            String behavior = stun.behavior() ? ", can test NATs" : "";
            print(stun.ok(), "STUN", String.format(Locale.ROOT, "%s, %.1f ms%s", where, stun.rttMs(), behavior));
        } else {
            print(stun.ok(), "STUN", where + ": " + stun.message());
        }
    }

    private void print(Event.Turn turn) {
        String where = turn.server() + " over " + turn.transport().toUpperCase(Locale.ROOT);
        if (turn.ok()) {
            String relayed = list(turn.relayed());
            print(
                    turn.ok(),
                    "TURN",
                    String.format(Locale.ROOT, "%s, %.1f ms, relays as %s", where, turn.tookMs(), relayed));
        } else {
            print(turn.ok(), "TURN", where + ": " + turn.message());
        }
    }

    private static String nat(Boolean isNat) {
        if (isNat == null) {
            return "";
        }
        return isNat ? ", through a NAT" : ", without a NAT";
    }

    private static String behavior(String behavior, String unknown) {
        return behavior != null ? behavior : "unknown: " + unknown;
    }

    private static String list(List<String> items) {
        return items.isEmpty() ? "no address but this machine's own" : String.join(", ", items);
    }

    private void print(boolean isOk, String what, String text) {
        out.println(Ansi.AUTO.string(isOk ? "@|green ✓|@ " : "@|red ✗|@ ") + String.format("%-4s  %s", what, text));
    }

    private void line(String what, String text) {
        out.printf("%-6s  %s%n", what, text);
    }
}
