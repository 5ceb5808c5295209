package dev.floe.demo.bench;

import dev.floe.ice.IceDescription;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** From two bound channels to a nominated pair on both sides, gathering and the exchange included. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class IceConnects {

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private IcePair pair;

    @Setup(Level.Invocation)
    public void bind() throws InterruptedException {
        pair = new IcePair(group);
        pair.addAgents(List.of());
    }

    @Benchmark
    public void connect() throws Exception {
        connect(UnaryOperator.identity(), UnaryOperator.identity());
    }

    @Benchmark
    public void connectWhereControllingSideKnowsNoCandidate() throws Exception {
        connect(IceConnects::withoutCandidates, UnaryOperator.identity());
    }

    @Benchmark
    public void connectWhereControlledSideKnowsNoCandidate() throws Exception {
        connect(UnaryOperator.identity(), IceConnects::withoutCandidates);
    }

    @TearDown(Level.Invocation)
    public void close() {
        pair.close();
    }

    @TearDown(Level.Trial)
    public void stop() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private void connect(UnaryOperator<IceDescription> toControlling, UnaryOperator<IceDescription> toControlled)
            throws Exception {
        pair.gather();
        pair.exchange(toControlling, toControlled);
        pair.awaitConnected();
    }

    private static IceDescription withoutCandidates(IceDescription description) {
        return new IceDescription(description.credentials(), null, description.options(), List.of());
    }
}
