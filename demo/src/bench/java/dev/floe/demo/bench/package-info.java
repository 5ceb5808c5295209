/**
 * What Floe costs, measured: {@code mvn package -Pbench}, then {@code java -jar demo/target/floe-bench.jar}. Start reading
 * at {@link dev.floe.demo.bench.FloeBench}; each {@link dev.floe.demo.bench.Benchmark} stands on its own.
 */
package dev.floe.demo.bench;
