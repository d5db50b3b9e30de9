package dev.shortwave.bus;

/** Rolls an import back; replied to when that is done. */
public record AbortImport(String session) implements Request<Boolean> {

    @Override
    public String address() {
        return session + ".abort";
    }
}
