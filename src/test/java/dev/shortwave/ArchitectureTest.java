package dev.shortwave;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.shortwave.bus.Addresses;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.Codecs;
import dev.shortwave.bus.Request;
import dev.shortwave.click.journal.ClickJournal;
import dev.shortwave.http.web.Assets;
import dev.shortwave.runtime.VerticleManager;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBus;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.RandomAccessFile;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.IDN;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLConnection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/** Which package may know which, and what may not be done on an event loop. */
@AnalyzeClasses(packages = "dev.shortwave", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "dev.shortwave";

    /** Packages that have said whom they know; before the rules, which fill it. */
    private static final Set<String> RULED = new HashSet<>();

    // Who knows whom. Each list is complete: a package of ours that it does not name is out of bounds.

    @ArchTest
    static final ArchRule ERROR = only("error");

    @ArchTest
    static final ArchRule LINK = only("link", "error");

    @ArchTest
    static final ArchRule USER = only("user", "error");

    @ArchTest
    static final ArchRule EVENT = only("event", "error");

    @ArchTest
    static final ArchRule FILE = only("file");

    @ArchTest
    static final ArchRule CONFIG = only("config", "error");

    @ArchTest
    static final ArchRule METRICS = only("metrics");

    @ArchTest
    static final ArchRule STATS = only("stats", "link");

    @ArchTest
    static final ArchRule BUS = only("bus", "link", "user", "event", "stats", "error", "tracing");

    @ArchTest
    static final ArchRule POSTGRES = only("postgres", "config", "error");

    @ArchTest
    static final ArchRule POSTGRES_MIGRATION = only("postgres.migration", "postgres", "config", "error");

    @ArchTest
    static final ArchRule POSTGRES_EMBEDDED = only("postgres.embedded", "config", "error", "file");

    @ArchTest
    static final ArchRule HEALTH = only("health", "bus", "link");

    @ArchTest
    static final ArchRule CSV = only("csv", "bus", "error");

    @ArchTest
    static final ArchRule CACHE = only("cache", "link", "bus", "redis", "postgres", "error", "config");

    @ArchTest
    static final ArchRule REDIS = only("redis", "config", "error");

    @ArchTest
    static final ArchRule CLUSTER = only("cluster", "link", "cache", "bus", "redis", "postgres", "config");

    @ArchTest
    static final ArchRule CLICK = only("click", "link", "event", "stats", "error");

    @ArchTest
    static final ArchRule CLICK_JOURNAL =
            only("click.journal", "click", "click.sink", "link", "bus", "error", "config", "file");

    @ArchTest
    static final ArchRule CLICK_RECORDER =
            only("click.recorder", "click", "click.journal", "click.sink", "bus", "postgres", "config");

    @ArchTest
    static final ArchRule CLICK_SINK = only("click.sink", "click", "stats", "postgres");

    @ArchTest
    static final ArchRule STORAGE = only(
            "storage",
            "storage.imports",
            "storage.mapping",
            "link",
            "user",
            "event",
            "stats",
            "cache",
            "bus",
            "postgres",
            "error",
            "config",
            "runtime");

    @ArchTest
    static final ArchRule STORAGE_IMPORTS = only(
            "storage.imports",
            "storage.mapping",
            "link",
            "user",
            "event",
            "stats",
            "bus",
            "postgres",
            "error",
            "config",
            "runtime");

    @ArchTest
    static final ArchRule STORAGE_MAPPING = only("storage.mapping", "link");

    @ArchTest
    static final ArchRule RUNTIME = only("runtime", "error", "config", "logging");

    @ArchTest
    static final ArchRule TRACING = only("tracing", "config", "metrics");

    @ArchTest
    static final ArchRule LOGGING = only("logging", "config", "tracing");

    @ArchTest
    static final ArchRule DIAGNOSTICS = only("diagnostics");

    @ArchTest
    static final ArchRule HTTP_CONNECTION = only("http.connection", "error", "metrics", "config");

    @ArchTest
    static final ArchRule HTTP_API = only(
            "http.api",
            "http.connection",
            "link",
            "user",
            "event",
            "stats",
            "csv",
            "bus",
            "error",
            "metrics",
            "config",
            "runtime",
            "logging",
            "tracing");

    @ArchTest
    static final ArchRule HTTP_REDIRECT =
            only("http.redirect", "http.api", "link", "cache", "click", "error", "metrics", "runtime");

    @ArchTest
    static final ArchRule HTTP_WEB = only("http.web", "http.api", "error", "health", "metrics", "config");

    @ArchTest
    static final ArchRule HTTP_SERVER = only(
            "http.server",
            "http.connection",
            "http.api",
            "http.redirect",
            "http.web",
            "link",
            "cache",
            "click",
            "bus",
            "error",
            "health",
            "metrics",
            "config",
            "runtime");

    @ArchTest
    static final ArchRule HTTP_MANAGEMENT = only(
            "http.management",
            "http.server",
            "http.connection",
            "http.api",
            "http.redirect",
            "http.web",
            "link",
            "cache",
            "csv",
            "bus",
            "error",
            "health",
            "metrics",
            "config",
            "runtime",
            "logging",
            "diagnostics");

    /** Without {@code tracing.endpoint} the JVM loads no class of OpenTelemetry. */
    @ArchTest
    static final ArchRule ONE_PACKAGE_KNOWS_OPENTELEMETRY = noClasses()
            .that(resideOutsideOfPackage(ROOT + ".tracing"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.opentelemetry..");

    /** A program of its own beside the service, so it also puts a storage together. */
    @ArchTest
    static final ArchRule SEEDING =
            only("seeding", "csv", "bus", "error", "config", "storage", "cache", "postgres", "postgres.migration");

    @ArchTest
    static final ArchRule ONLY_HTTP_AND_THE_TOP_KNOW_HTTP = noClasses()
            .that(resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(ROOT, ROOT + ".http.."))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + ".http..");

    @ArchTest
    static final ArchRule ONLY_THE_TOP_SEES_EVERYTHING = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT);

    @ArchTest
    static final ArchRule NO_CYCLES = slices().matching(ROOT + ".(**)").should().beFreeOfCycles();

    /** The rules above name every package: a new one has to say whom it knows. */
    @ArchTest
    static void everyPackageHasARule(JavaClasses classes) {
        Set<String> packages = new HashSet<>();
        classes.forEach(type -> packages.add(type.getPackageName()));
        packages.remove(ROOT);
        Set<String> ruled = new HashSet<>();
        for (String name : RULED) {
            ruled.add(ROOT + "." + name);
        }
        assertThat(packages).isEqualTo(ruled);
    }

    // The bus

    @ArchTest
    static final ArchRule THE_BUS_HAS_MESSAGES_AND_NO_LOGIC = classes()
            .that()
            .resideInAPackage(ROOT + ".bus..")
            .and()
            .areTopLevelClasses()
            .and(not(belongToAnyOf(Bus.class, Codecs.class, Addresses.class)))
            .and()
            .doNotHaveSimpleName("package-info")
            .should()
            .beRecords()
            .orShould()
            .beInterfaces();

    @ArchTest
    static void everyMessageHasACodec(JavaClasses classes) {
        Set<Class<?>> registered = registeredMessages();
        for (JavaClass type : classes) {
            boolean message = type.isAssignableTo(Request.class) && !type.isInterface()
                    || type.getSimpleName().equals("ClicksAvailable")
                    || type.getSimpleName().equals("Reply");
            if (message) {
                assertThat(registered).contains(type.reflect());
            }
        }
        assertThat(registered).isNotEmpty();
    }

    /** Without it, requests in flight would not be counted. */
    @ArchTest
    static final ArchRule REQUESTS_GO_THROUGH_THE_TYPED_BUS = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".bus..")
            // Wakes all recorders: it tells, and asks for nothing.
            .and(not(belongToAnyOf(ClickJournal.class)))
            .should()
            .callMethodWhere(aCallOf(EventBus.class, "request|publish|consumer|publisher|sender"));

    // Verticles and event loops

    /** The list of verticles is on one page. */
    @ArchTest
    static final ArchRule ONLY_TOPOLOGY_STARTS_PARTS = noClasses()
            .that(not(belongToAnyOf(Topology.class)))
            .should()
            .callMethodWhere(aCallOf(VerticleManager.class, "start|stop"));

    @ArchTest
    static final ArchRule VERTICLES_ARE_NAMED_SO = classes()
            .that()
            .areAssignableTo(Deployable.class)
            .should()
            .haveSimpleNameEndingWith("Verticle")
            .andShould()
            .beAssignableTo(VerticleBase.class)
            .andShould()
            .haveModifier(JavaModifier.FINAL);

    @ArchTest
    static final ArchRule WHAT_IS_NAMED_SO_IS_A_VERTICLE =
            classes().that().haveSimpleNameEndingWith("Verticle").should().beAssignableTo(Deployable.class);

    @ArchTest
    static final ArchRule ONE_PACKAGE_DEPLOYS = noClasses()
            .that(resideOutsideOfPackage(ROOT + ".runtime..")
                    // Loading seeds without a service needs the storage alone.
                    .and(resideOutsideOfPackage(ROOT + ".seeding..")))
            .should()
            .callMethodWhere(com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                            com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner(
                                    assignableTo(Vertx.class)))
                    .and(com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                            com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching(
                                    "deployVerticle"))));

    @ArchTest
    static final ArchRule NOTHING_BLOCKS_AN_EVENT_LOOP = noClasses()
            .that(are(resideInAnyPackage(
                                    ROOT + ".http..",
                                    ROOT + ".storage..",
                                    ROOT + ".cache..",
                                    ROOT + ".redis..",
                                    ROOT + ".cluster..",
                                    ROOT + ".click..",
                                    ROOT + ".csv..",
                                    ROOT + ".bus..",
                                    ROOT + ".health..",
                                    ROOT + ".runtime..",
                                    ROOT + ".link..",
                                    ROOT + ".user..",
                                    ROOT + ".event..")
                            .or(assignableTo(Deployable.class)))
                    // Read on a worker, before the server starts.
                    .and(not(belongToAnyOf(Assets.class)))
                    // The click journal touches files on a worker of its own.
                    .and(resideOutsideOfPackage(ROOT + ".click..").or(assignableTo(Deployable.class))))
            .should()
            .dependOnClassesThat(blocking())
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Object.class, "wait")
            .orShould()
            .callMethod(Object.class, "wait", long.class)
            .orShould()
            .callMethod(CompletableFuture.class, "get")
            .orShould()
            .callMethod(CompletableFuture.class, "join")
            .orShould()
            .callMethod(Future.class, "await");

    private static DescribedPredicate<JavaCall<?>> aCallOf(Class<?> owner, String names) {
        return target(owner(assignableTo(owner))).and(target(nameMatching(names)));
    }

    private static DescribedPredicate<JavaClass> blocking() {
        return DescribedPredicate.describe(
                "block",
                resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..", "java.nio.file..")
                        .or(belongToAnyOf(
                                File.class,
                                FileInputStream.class,
                                FileOutputStream.class,
                                RandomAccessFile.class,
                                Socket.class,
                                ServerSocket.class,
                                URLConnection.class,
                                CountDownLatch.class,
                                Semaphore.class))
                        .or(resideInAPackage("java.net.http.."))::test);
    }

    // Habits

    @ArchTest
    static final ArchRule NO_STATIC_STATE = fields().that()
            .areDeclaredInClassesThat()
            .resideInAPackage(ROOT + "..")
            .and()
            .areStatic()
            .should()
            .beFinal();

    @ArchTest
    static final ArchRule NOBODY_PRINTS_BUT_THE_COMMAND_LINES = noClasses()
            .that(resideInAPackage(ROOT + "..")
                    .and(not(resideInAPackage(ROOT + ".seeding..")))
                    .and(not(belongToAnyOf(Shortwave.class, EmbeddedPostgresMain.class))))
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule JDBC_IS_FOR_MIGRATIONS = noClasses()
            .that(resideInAPackage(ROOT + "..")
                    .and(not(resideInAnyPackage(ROOT + ".postgres.migration..", ROOT + ".postgres.embedded.."))))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..", "org.flywaydb..");

    /** It has the rules of 2003, by which some names are those of another host than browsers open. */
    @ArchTest
    static final ArchRule NOBODY_READS_HOSTS_BY_OLD_RULES =
            noClasses().that().resideInAPackage(ROOT + "..").should().dependOnClassesThat(belongToAnyOf(IDN.class));

    /** This package knows itself, these, and what is not ours. */
    private static ArchRule only(String name, String... others) {
        RULED.add(name);
        String[] allowed = Stream.concat(Stream.of(name), Stream.of(others))
                .map(other -> ROOT + "." + other)
                .toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage(ROOT + "." + name)
                .should()
                .onlyDependOnClassesThat(resideOutsideOfPackage(ROOT + "..").or(resideInAnyPackage(allowed)));
    }

    /** What the registry tells a bus that only listens. */
    private static Set<Class<?>> registeredMessages() {
        Set<Class<?>> registered = new HashSet<>();
        EventBus bus = (EventBus) Proxy.newProxyInstance(
                ArchitectureTest.class.getClassLoader(),
                new Class<?>[] {EventBus.class},
                (proxy, method, arguments) -> {
                    if (!method.getName().equals("registerDefaultCodec")) {
                        throw new InvocationTargetException(null, method.getName());
                    }
                    registered.add((Class<?>) arguments[0]);
                    return proxy;
                });
        Codecs.registerAll(bus);
        return registered;
    }
}
