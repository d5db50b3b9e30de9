package dev.shortwave.tools.tier;

/**
 * What others than the run took of the processors during its load: other programs, and other guests of the host.
 *
 * @param cores processors on average; not a number where the system does not say
 * @param hostCores how much of it other guests of the host took
 * @param available all processors of the machine
 */
record OtherLoad(double cores, double hostCores, int available) {

    /** Of all processors; a run that had less than the rest cannot be compared with others. */
    private static final double MAX_SHARE = 0.1;

    static OtherLoad find(Samples samples, int available) {
        double total = samples.growth("machine", "total");
        // Interrupts are left out: they are no process's, and most of them are the load's own.
        double programs = available * samples.growth("machine", "programs") / total;
        double host = available * samples.growth("machine", "steal") / total;
        double seconds = samples.seconds("machine", "total");
        double ours = samples.subjects().stream()
                .filter(subject -> !samples.series(subject, "cpu").isEmpty())
                .mapToDouble(subject -> samples.growth(subject, "cpu") / seconds)
                .sum();
        return new OtherLoad(Math.max(0, programs - ours) + host, host, available);
    }

    /** Where the system does not say, a run is taken as it is. */
    boolean isComparable() {
        return Double.isNaN(cores) || cores <= MAX_SHARE * available;
    }

    String text() {
        return Text.text(
                "others took %.2f of %d processors during the load, %.2f of that other guests of the host (limit: %.2f)",
                cores, available, hostCores, MAX_SHARE * available);
    }
}
