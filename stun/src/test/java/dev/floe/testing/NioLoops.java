package dev.floe.testing;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import java.lang.reflect.Method;

/** Event loops of tests that run on Netty 4.1 as well as on 4.2. */
public final class NioLoops {
    private NioLoops() {}

    /** What Netty 4.1 has, and 4.2 still has. */
    @SuppressWarnings("deprecation")
    public static EventLoopGroup create(int threads) {
        return new NioEventLoopGroup(threads);
    }

    /** Whether, once all that waits on the loop is done, a timer is still armed. */
    public static boolean hasTimer(EventLoop loop) throws Exception {
        for (int turn = 0; turn < 10; turn++) {
            loop.submit(() -> {}).sync();
        }
        Method next = AbstractScheduledEventExecutor.class.getDeclaredMethod("nextScheduledTaskNano");
        next.setAccessible(true);
        return loop.submit(() -> (long) next.invoke(loop) != -1).sync().getNow();
    }
}
