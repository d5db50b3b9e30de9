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
import dev.shortwave.click.ClickJournal;
import dev.shortwave.http.Assets;
import dev.shortwave.verticle.Verticles;
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
    static final ArchRule PROBLEM_KNOWS_NOBODY = only("problem");

    @ArchTest
    static final ArchRule LINK_KNOWS_PROBLEMS_ONLY = only("link", "problem");

    @ArchTest
    static final ArchRule USER_KNOWS_PROBLEMS_ONLY = only("user", "problem");

    @ArchTest
    static final ArchRule EVENT_KNOWS_PROBLEMS_ONLY = only("event", "problem");

    @ArchTest
    static final ArchRule CONFIG_KNOWS_PROBLEMS_ONLY = only("config", "problem");

    @ArchTest
    static final ArchRule METRICS_KNOWS_NOBODY = only("metrics");

    @ArchTest
    static final ArchRule STATS_KNOWS_LINKS_ONLY = only("stats", "link");

    @ArchTest
    static final ArchRule BUS_KNOWS_VALUES = only("bus", "link", "user", "event", "stats", "problem", "trace");

    @ArchTest
    static final ArchRule POSTGRES_KNOWS_ITS_SETTINGS = only("postgres", "config", "problem");

    @ArchTest
    static final ArchRule MIGRATE_KNOWS_ITS_SETTINGS = only("migrate", "config", "postgres", "problem");

    @ArchTest
    static final ArchRule FILE_KNOWS_NOBODY = only("file");

    @ArchTest
    static final ArchRule EMBEDDED_KNOWS_ITS_SETTINGS = only("embedded", "config", "problem", "file");

    @ArchTest
    static final ArchRule HEALTH_ASKS_OVER_THE_BUS = only("health", "bus", "link");

    @ArchTest
    static final ArchRule CSV_ASKS_OVER_THE_BUS = only("csv", "bus", "problem");

    @ArchTest
    static final ArchRule CACHE = only("cache", "link", "bus", "redis", "postgres", "problem", "config");

    @ArchTest
    static final ArchRule REDIS_KNOWS_ITS_SETTINGS = only("redis", "config", "problem");

    @ArchTest
    static final ArchRule PEER = only("peer", "link", "cache", "bus", "redis", "postgres", "config");

    @ArchTest
    static final ArchRule CLICK =
            only("click", "link", "event", "stats", "bus", "postgres", "problem", "config", "file");

    @ArchTest
    static final ArchRule STORAGE = only(
            "storage", "link", "user", "event", "stats", "cache", "bus", "postgres", "problem", "config", "verticle");

    @ArchTest
    static final ArchRule VERTICLE_KNOWS_PROBLEMS_ONLY = only("verticle", "problem");

    @ArchTest
    static final ArchRule TRACE_KNOWS_NOBODY = only("trace");

    @ArchTest
    static final ArchRule SPAN = only("span", "trace", "config", "metrics");

    /** Whoever names no collector loads nothing of it. */
    @ArchTest
    static final ArchRule ONE_PACKAGE_KNOWS_OPENTELEMETRY = noClasses()
            .that(resideOutsideOfPackage(ROOT + ".span.."))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.opentelemetry..");

    @ArchTest
    static final ArchRule LOG_KNOWS_ITS_SETTINGS = only("log", "config", "trace");

    @ArchTest
    static final ArchRule DIAGNOSIS_KNOWS_NOBODY = only("diagnosis");

    @ArchTest
    static final ArchRule LIVE_BRINGS_SETTINGS_TO_WHAT_RUNS = only("live", "config", "verticle", "log");

    @ArchTest
    static final ArchRule HTTP = only(
            "http",
            "link",
            "user",
            "event",
            "stats",
            "cache",
            "click",
            "csv",
            "bus",
            "problem",
            "health",
            "metrics",
            "config",
            "verticle",
            "live",
            "log",
            "trace",
            "diagnosis");

    /** The package is a program of its own beside the service, so it also puts a storage together. */
    @ArchTest
    static final ArchRule SEED =
            only("seed", "csv", "bus", "problem", "config", "storage", "cache", "migrate", "postgres");

    @ArchTest
    static final ArchRule NOBODY_KNOWS_HTTP = noClasses()
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
    static final ArchRule NO_CYCLES =
            slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

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

    /** Past it, nobody would count what is on its way. */
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
            .callMethodWhere(aCallOf(Verticles.class, "start|stop"));

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
            .that(resideOutsideOfPackage(ROOT + ".verticle..")
                    // Loading seeds without a service needs the storage alone.
                    .and(resideOutsideOfPackage(ROOT + ".seed..")))
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
                                    ROOT + ".peer..",
                                    ROOT + ".click..",
                                    ROOT + ".csv..",
                                    ROOT + ".bus..",
                                    ROOT + ".health..",
                                    ROOT + ".verticle..",
                                    ROOT + ".live..",
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
                    .and(not(resideInAPackage(ROOT + ".seed..")))
                    .and(not(belongToAnyOf(Shortwave.class, DatabaseServer.class))))
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule JDBC_IS_FOR_MIGRATIONS = noClasses()
            .that(resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(ROOT + ".migrate..", ROOT + ".embedded.."))))
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
                .map(other -> ROOT + "." + other + "..")
                .toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage(ROOT + "." + name + "..")
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
