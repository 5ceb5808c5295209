package dev.floe.demo.bench;

import java.util.List;
import java.util.Map;

/** Where the benchmarks tell what they find. Safe for several threads. */
interface Report {

    /** Something on the way to the figures: a round, a seed. */
    void step(String benchmark, Map<String, Object> fields);

    /** One benchmark is done. */
    void figures(String benchmark, List<Figure> figures);

    /** All are done; always the last. */
    void succeeded(List<Figure> figures);

    /** It ends here; always the last. */
    void failed(String error, String message);
}
