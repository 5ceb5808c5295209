package dev.floe.demo.report;

import java.util.List;

/**
 * What is particular about one telling of the demo's story.
 *
 * @param place lines about where it takes place
 * @param isStartedLate whether the peers start long after this process, so that times count from their first candidate
 * @param roam what it is that changes a peer's path, if anything does
 */
public record Scene(List<String> place, boolean isStartedLate, String roam) {}
