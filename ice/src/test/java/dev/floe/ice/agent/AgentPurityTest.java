package dev.floe.ice.agent;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.Timer;
import java.util.TimerTask;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent sees no clock, no thread, no channel and no randomness but what it is given. */
class AgentPurityTest {

    private static final Set<Class<?>> THREADS =
            Set.of(Thread.class, ThreadGroup.class, ThreadLocal.class, Timer.class, TimerTask.class);

    private static final Set<String> CLOCK_READERS =
            Set.of("java.lang.System.nanoTime", "java.lang.System.currentTimeMillis");

    private static final Set<String> UNSEEDED = Set.of(
            "java.lang.Math.random",
            "java.lang.StrictMath.random",
            "java.util.UUID.randomUUID",
            "java.util.random.RandomGenerator.getDefault",
            "java.util.random.RandomGenerator.of");

    private static final DescribedPredicate<JavaAccess<?>> READS_A_CLOCK = describe("reads a clock", access -> {
        JavaClass owner = access.getTargetOwner();
        return CLOCK_READERS.contains(owner.getName() + "." + access.getName())
                || (owner.getPackageName().startsWith("java.time")
                        && access.getName().equals("now"))
                || owner.isAssignableTo(java.util.Date.class)
                || owner.isAssignableTo(java.time.InstantSource.class)
                || owner.isAssignableTo(java.time.Clock.class);
    });

    private static final DescribedPredicate<JavaAccess<?>> DRAWS_UNSEEDED = describe(
            "draws from an unseeded source",
            access -> UNSEEDED.contains(access.getTargetOwner().getName() + "." + access.getName())
                    || access.getTargetOwner().isAssignableTo(Random.class)
                    || access.getTargetOwner().isAssignableTo(SplittableRandom.class));

    private static final DescribedPredicate<JavaClass> THREADS_OR_CHANNELS = describe(
            "threads, channels or the handler",
            type -> THREADS.stream().anyMatch(type::isAssignableTo)
                    || isIn(type, "java.util.concurrent")
                    || isIn(type, "java.nio.channels")
                    || isIn(type, "io.netty.channel")
                    || isIn(type, "io.netty.util.concurrent")
                    || type.getName().equals("dev.floe.ice.IceHandler"));

    private static final ArchRule PURE = noClasses()
            .that()
            .resideInAPackage("dev.floe.ice.agent..")
            .should()
            .accessTargetWhere(READS_A_CLOCK)
            .orShould()
            .accessTargetWhere(DRAWS_UNSEEDED)
            .orShould()
            .dependOnClassesThat(THREADS_OR_CHANNELS);

    @Test
    void agentIsPure() {
        JavaClasses agent = new ClassFileImporter()
                .importUrl(IceAgent.class.getProtectionDomain().getCodeSource().getLocation());

        PURE.check(agent);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                ReadsNanoTime.class,
                ReadsInstant.class,
                DrawsUuid.class,
                DrawsUnseeded.class,
                OwnsThread.class,
                OwnsExecutor.class,
                KnowsChannel.class,
                KnowsHandler.class
            })
    void ruleHasTeeth(Class<?> offender) {
        assertThat(PURE.evaluate(new ClassFileImporter().importClasses(offender))
                        .hasViolation())
                .isTrue();
    }

    private static boolean isIn(JavaClass type, String packageName) {
        return (type.getPackageName() + ".").startsWith(packageName + ".");
    }

    static final class ReadsNanoTime {
        long now() {
            return System.nanoTime();
        }
    }

    static final class ReadsInstant {
        Instant now() {
            return Instant.now();
        }
    }

    static final class DrawsUuid {
        UUID id() {
            return UUID.randomUUID();
        }
    }

    static final class DrawsUnseeded {
        final Random random = new Random();
    }

    static final class OwnsThread {
        Thread thread;
    }

    static final class OwnsExecutor {
        ExecutorService executor;
    }

    static final class KnowsChannel {
        io.netty.channel.Channel channel;
    }

    static final class KnowsHandler {
        dev.floe.ice.IceHandler handler;
    }
}
