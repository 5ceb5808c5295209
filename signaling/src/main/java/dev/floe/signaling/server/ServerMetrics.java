package dev.floe.signaling.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.IntSupplier;

/** What a server counts, for Prometheus. Any thread. */
final class ServerMetrics implements AutoCloseable {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final Counter received = counter("floe.messages.received", "Messages that clients have sent");
    private final Counter delivered = counter("floe.messages.delivered", "Messages that rooms have delivered");
    private final Counter resumed = counter("floe.resumed", "Clients that have come back with their token");

    ServerMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }

    void gauge(String name, String description, IntSupplier value) {
        Gauge.builder(name, value, IntSupplier::getAsInt)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    void messageReceived() {
        received.increment();
    }

    void messagesDelivered(long count) {
        delivered.increment((double) count);
    }

    void resumed() {
        resumed.increment();
    }

    /** @param reason one of a few words */
    void refused(String reason) {
        Counter.builder("floe.refused")
                .description("Clients that have been turned away or cut off")
                .tag("reason", reason)
                .register(registry)
                .increment();
    }

    /** All of it, in Prometheus's text format. */
    String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }
}
