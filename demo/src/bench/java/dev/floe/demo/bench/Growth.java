package dev.floe.demo.bench;

import java.util.ArrayList;
import java.util.List;

/** How one cost grows with the size of what it is for. */
final class Growth {

    private final List<double[]> logarithms = new ArrayList<>();
    private double last;

    void add(double size, double cost) {
        logarithms.add(new double[] {Math.log(size), Math.log(cost)});
        last = cost / size;
    }

    /**
     * The slope of the line through all points in logarithms, by least squares: 0 for what always costs the same, 1 for
     * what is linear, 2 for what is quadratic.
     */
    double exponent() {
        double meanSize = mean(0);
        double meanCost = mean(1);
        double both = 0;
        double square = 0;
        for (double[] point : logarithms) {
            both += (point[0] - meanSize) * (point[1] - meanCost);
            square += (point[0] - meanSize) * (point[0] - meanSize);
        }
        return both / square;
    }

    /** The cost of each at the size that came last. */
    double lastOfEach() {
        return last;
    }

    /** Its two figures. */
    List<Figure> figures(String name, String unit, String meaning) {
        return List.of(
                Figure.of("growth_" + name + "_exponent", exponent(), meaning + ": 1 is linear, 2 quadratic"),
                Figure.of("growth_" + name + "_" + unit, lastOfEach(), "the same for each, of the most"));
    }

    private double mean(int coordinate) {
        return logarithms.stream().mapToDouble(point -> point[coordinate]).average().orElseThrow();
    }
}
