import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes what a run of a tier on two processors leaves, for {@link Report}. */
public final class MakeRun {

    private static final String USAGE =
            """
            Usage: java MakeRun FOLDER OURS OTHERS STEAL QUICK SPEED CORRECTNESS

            OURS, OTHERS and STEAL are hundredths of a processor that the run, other programs and other guests of the host took;
            SPEED and CORRECTNESS, met or missed, what k6 says of its thresholds.
            """;

    private static final int PROCESSORS = 2;
    private static final int SECONDS = 10;
    private static final int INTERRUPTS = 20;

    private MakeRun() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 7) {
            System.err.print(USAGE);
            System.exit(2);
        }
        Path folder = Path.of(arguments[0]);
        int ours = Integer.parseInt(arguments[1]);
        int programs = ours + Integer.parseInt(arguments[2]);
        int steal = Integer.parseInt(arguments[3]);
        StringBuilder samples = new StringBuilder();
        // Ticks are hundredths of a second.
        for (int second = 0; second <= SECONDS; second++) {
            long at = 1_700_000_000_000L + second * 1000L;
            sample(samples, at, "machine", "total", second * 100L * PROCESSORS);
            sample(samples, at, "machine", "busy", second * (long) (programs + INTERRUPTS));
            sample(samples, at, "machine", "programs", second * (long) programs);
            sample(samples, at, "machine", "steal", second * (long) steal);
            sample(samples, at, "k6", "cpu", second * ours / 200.0);
            sample(samples, at, "app1", "cpu", second * ours / 200.0);
            sample(samples, at, "app1", "rss", 200_000);
        }
        Files.writeString(folder.resolve("samples.tsv"), samples);
        Files.writeString(
                folder.resolve("run.tsv"),
                "tier\tbronze\nmode\tlocal\nquick\t" + arguments[4] + "\ncores\t" + PROCESSORS
                        + "\nidle clients\t0\nk6 exit code\t0\nbooked\t1000\ncounters\t1000\nbegan\tnow\nsetup\ttest\n");
        Files.writeString(
                folder.resolve("summary.tsv"),
                "run\tseconds\t10\nfound\tcount\t1000\nhttp_reqs\tcount\t1000\nhttp_req_duration\tp(95)\t3\n"
                        + "http_req_duration{name:redirect}\tp(95)\t3\nhttp_req_duration{name:redirect}\tthreshold p(95)<5\t" + arguments[5]
                        + "\nwrong\tcount\t0\nwrong\tthreshold count<1\t" + arguments[6] + "\n");
    }

    private static void sample(StringBuilder samples, long at, String subject, String measure, double value) {
        samples.append(at).append('\t').append(subject).append('\t').append(measure).append('\t').append(value).append('\n');
    }
}
