package dev.floe.demo.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.floe.demo.report.Event;
import dev.floe.demo.report.Moment;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFileTest {

    @TempDir
    private Path folder;

    @Test
    void itIsItsOwnersAloneAndHasNoCodeInIt() throws IOException {
        assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"), "no owners here");
        Path fresh = folder.resolve("new.html");
        Path former = Files.writeString(folder.resolve("old.html"), "what was there");
        Files.setPosixFilePermissions(former, PosixFilePermissions.fromString("rw-r--r--"));
        for (Path file : new Path[] {fresh, former}) {
            try (ReportFile report = ReportFile.create(file)) {
                report.write(new Event.Code("42-cedar-ruler-planet"), null, new Moment(1, BigDecimal.ONE));
                report.write(new Event.Signaled(), null, new Moment(2, BigDecimal.TEN));
            }
            assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
            assertThat(file).content().contains("signaled").doesNotContain("cedar", "what was there");
        }
    }
}
