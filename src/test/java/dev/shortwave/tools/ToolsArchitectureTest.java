package dev.shortwave.tools;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.LocationProvider;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Path;
import java.util.Set;

/** Which packages the tools and the benches may know. */
@AnalyzeClasses(locations = ToolsArchitectureTest.ToolsClasses.class)
class ToolsArchitectureTest {

    private static final String ROOT = "dev.shortwave";
    private static final String TOOLS = ROOT + ".tools";

    static final class ToolsClasses implements LocationProvider {

        @Override
        public Set<Location> get(Class<?> testClass) {
            return Set.of(Location.of(Path.of("target", "tools-classes")));
        }
    }

    /** They load and measure any release, from outside. */
    @ArchTest
    static final ArchRule TOOLS_DO_NOT_KNOW_THE_SERVICE = classes()
            .that()
            .resideInAPackage(TOOLS + "..")
            .should()
            .onlyDependOnClassesThat(resideOutsideOfPackage(ROOT + "..").or(resideInAPackage(TOOLS + "..")));

    /** The benches are for the pieces below it. */
    @ArchTest
    static final ArchRule NOTHING_KNOWS_HTTP =
            noClasses().should().dependOnClassesThat().resideInAPackage(ROOT + ".http..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching(TOOLS + ".(*)..").should().beFreeOfCycles();
}
