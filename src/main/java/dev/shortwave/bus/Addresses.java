package dev.shortwave.bus;

/** Every address on the bus. Each message record names its own, so this is the list of all requests. */
public final class Addresses {

    // UrlStorageVerticle
    public static final String USERS_LIST = "users.list";
    public static final String USERS_FIND = "users.find";
    public static final String USERS_CREATE = "users.create";
    public static final String USERS_UPDATE = "users.update";
    public static final String USERS_DELETE = "users.delete";
    public static final String LINKS_LIST = "links.list";
    public static final String LINKS_FIND = "links.find";
    public static final String LINKS_CREATE = "links.create";
    public static final String LINKS_UPDATE = "links.update";
    public static final String LINKS_DELETE = "links.delete";
    public static final String LINKS_RESOLVE = "links.resolve";
    public static final String LINKS_STATS = "links.stats";
    public static final String EVENTS_LIST = "events.list";
    public static final String EVENTS_FIND = "events.find";
    public static final String EVENTS_CREATE = "events.create";
    public static final String IMPORTS_BEGIN = "imports.begin";
    public static final String STORAGE_PING = "storage.ping";
    public static final String STORAGE_CHECK = "storage.check";

    // EventRecorderVerticle
    public static final String CLICKS_AVAILABLE = "clicks.available";
    public static final String CLICKS_FLUSH = "clicks.flush";

    // CacheWarmerVerticle
    public static final String CACHE_WARM = "cache.warm";

    // ClusterVerticle
    public static final String CLUSTER_INVALIDATE = "peers.announce";
    public static final String CLUSTER_FLUSH = "peers.flush";

    private Addresses() {}
}
