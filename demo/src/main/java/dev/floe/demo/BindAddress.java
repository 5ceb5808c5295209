package dev.floe.demo;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code ADDRESS[:PORT]}, with an IPv6 address in brackets if a port follows. */
final class BindAddress implements ITypeConverter<InetSocketAddress> {

    @Override
    public InetSocketAddress convert(String text) {
        boolean isBare = NetUtil.isValidIpV4Address(text) || NetUtil.isValidIpV6Address(text);
        int colon = isBare ? text.length() : text.lastIndexOf(':');
        String host = text.substring(0, Math.max(colon, 0)).replaceAll("^\\[(.*)]$", "$1");
        if (!NetUtil.isValidIpV4Address(host) && !NetUtil.isValidIpV6Address(host)) {
            throw new TypeConversionException("'" + text + "', expected an IP address and perhaps a port");
        }
        return new InetSocketAddress(host, isBare ? 0 : new Port().convert(text.substring(colon + 1)));
    }
}
