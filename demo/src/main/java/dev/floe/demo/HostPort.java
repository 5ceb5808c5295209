package dev.floe.demo;

import java.net.InetSocketAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code HOST:PORT}, with an IPv6 address in brackets; the host is looked up later. */
final class HostPort implements ITypeConverter<InetSocketAddress> {

    @Override
    public InetSocketAddress convert(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || (text.indexOf(':') != colon && !text.startsWith("["))) {
            throw new TypeConversionException("'" + text + "', expected HOST:PORT");
        }
        String host = text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
        return InetSocketAddress.createUnresolved(host, new Port().convert(text.substring(colon + 1)));
    }
}
