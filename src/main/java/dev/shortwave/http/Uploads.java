package dev.shortwave.http;

import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.FinishImport;
import dev.shortwave.config.Config;
import dev.shortwave.csv.CsvImport;
import dev.shortwave.metrics.Metrics;
import dev.shortwave.metrics.Rejection;
import dev.shortwave.problem.Problem;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.ErrorDataDecoderException;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.TooLongFormFieldException;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.TooManyFormFieldsException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** CSV files as multipart form fields, imported while they arrive: neither memory nor disk holds a whole one. */
final class Uploads {

    private final Vertx vertx;
    private final Bus bus;
    private final Config.Http config;
    private final Metrics metrics;

    Uploads(Vertx vertx, Bus bus, Config.Http config, Metrics metrics) {
        this.vertx = vertx;
        this.bus = bus;
        this.config = config;
        this.metrics = metrics;
    }

    /** Imports the form field of this name; other fields are ignored. Must be called before any of the body is read. */
    Future<FinishImport.Imported> receive(HttpServerRequest request, String field, BeginImport.Kind kind) {
        if (!isMultipart(request.getHeader(HttpHeaders.CONTENT_TYPE))) {
            return Future.failedFuture(noFile(field));
        }
        ClientPipeline.exemptBody(request);
        Promise<FinishImport.Imported> done = Promise.promise();
        Reception reception = new Reception();
        try {
            request.setExpectMultipart(true);
        } catch (RuntimeException e) {
            // The boundary is not one that the decoder can use.
            return Future.failedFuture(malformed());
        }
        request.uploadHandler(upload -> {
            if (!upload.name().equals(field) || reception.started != null) {
                upload.handler(ignored -> {});
                return;
            }
            CsvImport started =
                    new CsvImport(vertx, bus, kind, config.uploadLimit(), config.uploadStallTimeout(), bytes -> {});
            reception.started = started;
            started.run(upload).onComplete(done::tryComplete, done::tryFail);
        });
        request.exceptionHandler(failure -> {
            if (failure instanceof ErrorDataDecoderException
                    || failure instanceof TooLongFormFieldException
                    || failure instanceof TooManyFormFieldsException) {
                metrics.rejected(Rejection.MALFORMED_FORM);
            }
            // An import that is refused must have been rolled back, so its own end decides.
            if (reception.started != null) {
                reception.started.breakOff(malformed());
            } else {
                done.tryFail(malformed());
            }
        });
        request.endHandler(end -> {
            if (reception.started == null) {
                done.tryFail(noFile(field));
            } else {
                reception.started.allSent();
            }
        });
        // Who asks first waits for this, and is told so only when the file will be read.
        if (HttpHeaders.CONTINUE.toString().equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        return done.future();
    }

    private static final class Reception {
        private @Nullable CsvImport started;
    }

    private static boolean isMultipart(@Nullable String contentType) {
        return contentType != null && contentType.toLowerCase(Locale.ROOT).startsWith("multipart/form-data");
    }

    private static RuntimeException malformed() {
        return Problem.badRequest("the upload is not valid multipart/form-data").asException();
    }

    private static RuntimeException noFile(String field) {
        return Problem.badField(field, "send the file as multipart/form-data in the field \"" + field + "\"")
                .asException();
    }
}
