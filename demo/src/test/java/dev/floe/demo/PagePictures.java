package dev.floe.demo;

import static dev.floe.demo.Transfer.Direction.SERVER_SENDS;
import static dev.floe.demo.lab.LabAssumption.assumeCoturn;
import static dev.floe.demo.lab.LabAssumption.assumeLab;
import static dev.floe.demo.lab.NatKind.ADDRESS_RESTRICTED;
import static dev.floe.demo.lab.NatKind.PORT_RESTRICTED;

import dev.floe.demo.interop.Chromium;
import dev.floe.demo.lab.Coturn;
import dev.floe.demo.lab.NatLab;
import dev.floe.demo.lab.Wire;
import dev.floe.testing.Requirement;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Takes the pictures in {@code docs/pictures} of the page that a real connection between two NATs has left, one of whose
 * sides goes over to another network: {@code mvn -B verify -Ppictures}, as root, takes a minute.
 */
class PagePictures {
    private static final Path PICTURES = Path.of("..", "docs", "pictures");
    private static final Wire WIRE = new Wire(Duration.ofMillis(10), 20);
    private static final Duration A_WHILE = Duration.ofSeconds(5);

    @TempDir
    private static Path folder;

    @BeforeAll
    static void assume() throws InterruptedException {
        assumeLab();
        assumeCoturn();
        Requirement.runs("chromium", Chromium.COMMAND, "--version");
    }

    @Test
    void takeThem() throws Exception {
        Path page = roam();
        Files.createDirectories(PICTURES);
        try (Chromium chromium = new Chromium(folder.resolve("chromium"))) {
            chromium.show(1200, 1640, "light");
            chromium.open(page.toUri());
            save(chromium, "page.png");
            chromium.show(1200, 940, "dark");
            chromium.run("scrollTo(0, document.getElementById('path').offsetTop - 16); return ''");
            save(chromium, "roam.png");
            chromium.show(390, 844, "light");
            chromium.open(page.toUri());
            chromium.run("document.getElementById('play').click(); document.getElementById('play').click();"
                    + " document.querySelector('#dots button:nth-child(5)').click(); return ''");
            save(chromium, "phone.png");
        }
    }

    /** Returns the page of the peer that moved. */
    private static Path roam() throws InterruptedException {
        try (NatLab lab = NatLab.build(PORT_RESTRICTED, ADDRESS_RESTRICTED, WIRE)) {
            String turn = Coturn.start(lab.server(), folder).option("udp");
            try (Transfer transfer = Transfer.start(lab, folder, SERVER_SENDS, "--turn", turn)) {
                transfer.awaitFlow(A_WHILE);
                lab.roam(lab.b());
                transfer.awaitFlow(A_WHILE);
                transfer.end();
            }
            return Transfer.report(folder, lab.b());
        }
    }

    private static void save(Chromium chromium, String name) throws IOException {
        BufferedImage seen = ImageIO.read(new ByteArrayInputStream(chromium.picture()));
        ImageIO.write(withFewColors(seen), "png", PICTURES.resolve(name).toFile());
    }

    /** The same picture in its 256 most frequent colours, which makes it a quarter of the size. */
    private static BufferedImage withFewColors(BufferedImage picture) {
        Map<Integer, Integer> counts = new HashMap<>();
        int[] pixels = picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
        for (int pixel : pixels) {
            counts.merge(pixel | 0xff000000, 1, Integer::sum);
        }
        Comparator<Map.Entry<Integer, Integer>> byCount = Map.Entry.comparingByValue();
        List<Integer> colors = counts.entrySet().stream()
                .sorted(byCount.reversed())
                .limit(256)
                .map(Map.Entry::getKey)
                .toList();
        int[] map = colors.stream().mapToInt(color -> color).toArray();
        IndexColorModel palette = new IndexColorModel(8, map.length, map, 0, false, -1, DataBuffer.TYPE_BYTE);
        BufferedImage small =
                new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_BYTE_INDEXED, palette);
        byte[] indexes = ((DataBufferByte) small.getRaster().getDataBuffer()).getData();
        for (int i = 0; i < pixels.length; i++) {
            indexes[i] = ((byte[]) palette.getDataElements(pixels[i], null))[0];
        }
        return small;
    }
}
