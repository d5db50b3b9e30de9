package dev.shortwave.bus;

/** Commits an import. */
public record FinishImport(String session) implements Request<FinishImport.Imported> {

    /** Rows that were in the file, and rows that changed or were new. */
    public record Imported(long rows, long changed) {}

    @Override
    public String address() {
        return session + ".finish";
    }
}
