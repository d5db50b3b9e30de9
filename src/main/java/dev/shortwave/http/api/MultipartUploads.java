package dev.shortwave.http.api;

import dev.shortwave.bus.BeginImport;
import dev.shortwave.bus.Bus;
import dev.shortwave.bus.FinishImport;
import dev.shortwave.config.Config;
import dev.shortwave.csv.CsvImport;
import dev.shortwave.error.Problem;
import dev.shortwave.error.ProblemMapper;
import dev.shortwave.http.connection.ClientPipeline;
import dev.shortwave.metrics.Metrics;
import dev.shortwave.metrics.Rejection;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.ErrorDataDecoderException;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.TooLongFormFieldException;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.TooManyFormFieldsException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** CSV files as multipart form fields, imported while they arrive: neither memory nor disk holds a whole one. */
public final class MultipartUploads {

    /** What the decoder puts in the place of bytes that are no UTF-8. */
    private static final char REPLACEMENT = '\ufffd';

    private final Vertx vertx;
    private final Bus bus;
    private final Config.Http config;
    private final Metrics metrics;
    private final CsvImport.Limits limits;

    public MultipartUploads(Vertx vertx, Bus bus, Config.Http config, Metrics metrics) {
        this.vertx = vertx;
        this.bus = bus;
        this.config = config;
        this.metrics = metrics;
        limits = new CsvImport.Limits(config.maxUploadSize(), config.uploadIdleTimeout(), config.uploadMinRate());
    }

    /**
     * Imports the form field of this name, with or without the name of a file; other fields are ignored. Must be called
     * before any of the body is read.
     */
    Future<FinishImport.Imported> receive(HttpServerRequest request, String field, BeginImport.Kind kind) {
        if (ApiRequest.isEncoded(request)) {
            return Future.failedFuture(ProblemMapper.ofStatus(415).asException());
        }
        if (!isMultipart(request.getHeader(HttpHeaders.CONTENT_TYPE))) {
            return Future.failedFuture(noFile(field));
        }
        ClientPipeline.exemptBody(request);
        try {
            request.setExpectMultipart(true);
        } catch (RuntimeException e) {
            // The boundary is not one that the decoder can use.
            return Future.failedFuture(malformed());
        }
        UploadState reception = new UploadState(field, kind);
        reception.listen(request);
        // Who asks first waits for this, and is told so only when the file will be read.
        if (HttpHeaders.CONTINUE.toString().equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        return reception.done.future();
    }

    /** One request on its way. */
    private final class UploadState {

        private final String field;
        private final BeginImport.Kind kind;
        private final Promise<FinishImport.Imported> done = Promise.promise();
        private @Nullable CsvImport started;
        private long received;

        UploadState(String field, BeginImport.Kind kind) {
            this.field = field;
            this.kind = kind;
        }

        void listen(HttpServerRequest request) {
            long deadline = vertx.setTimer(config.uploadTimeout().toMillis(), late -> breakOff(tooLate()));
            long rate = vertx.setPeriodic(config.uploadIdleTimeout().toMillis(), window -> requireRate(request));
            done.future().onComplete(any -> {
                vertx.cancelTimer(deadline);
                vertx.cancelTimer(rate);
                ClientPipeline.limitBody(request);
            });
            request.uploadHandler(upload -> {
                if (!upload.name().equals(field) || started != null) {
                    upload.handler(ignored -> {});
                    return;
                }
                start().run(upload).onComplete(done::tryComplete, done::tryFail);
            });
            request.exceptionHandler(failure -> {
                if (failure instanceof ErrorDataDecoderException
                        || failure instanceof TooLongFormFieldException
                        || failure instanceof TooManyFormFieldsException) {
                    metrics.rejected(Rejection.MALFORMED_FORM);
                }
                breakOff(malformed());
            });
            request.endHandler(end -> {
                vertx.cancelTimer(deadline);
                if (started == null) {
                    takeText(request.getFormAttribute(field));
                } else {
                    started.requestComplete();
                }
            });
        }

        /** What precedes the file must be as fast as the file, on which the import itself keeps an eye. */
        private void requireRate(HttpServerRequest request) {
            if (started != null || request.isEnded()) {
                return;
            }
            long sent = request.bytesRead() - received;
            received += sent;
            if (sent == 0) {
                breakOff(limits.stalled());
            } else if (sent < limits.minRate() * (limits.idleTimeout().toMillis() / 1e3)) {
                breakOff(limits.tooSlow());
            }
        }

        private CsvImport start() {
            CsvImport made = new CsvImport(vertx, bus, kind, limits, bytes -> {});
            started = made;
            return made;
        }

        /** A part without the name of a file is text to the decoder, and there as a whole. */
        private void takeText(@Nullable String text) {
            if (text == null) {
                done.tryFail(noFile(field));
            } else if (text.indexOf(REPLACEMENT) >= 0) {
                done.tryFail(Problem.badField(field, "the file is not UTF-8").asException());
            } else if (!done.future().isComplete()) {
                start().run(Buffer.buffer(text)).onComplete(done::tryComplete, done::tryFail);
            }
        }

        /** An import that is refused must have forgotten its rows before the answer, so its own end decides. */
        private void breakOff(RuntimeException failure) {
            if (started == null) {
                done.tryFail(failure);
            } else {
                started.abort(failure);
            }
        }
    }

    private RuntimeException tooLate() {
        return new Problem(
                        Problem.Kind.REQUEST_TIMEOUT,
                        "the upload took more than " + config.uploadTimeout().toSeconds() + " s",
                        null)
                .asException();
    }

    private static boolean isMultipart(@Nullable String contentType) {
        return contentType != null && contentType.toLowerCase(Locale.ROOT).startsWith("multipart/form-data");
    }

    private static RuntimeException malformed() {
        return Problem.badRequest(
                        "the upload is not valid multipart/form-data, or has a large field without the name of a"
                                + " file")
                .asException();
    }

    private static RuntimeException noFile(String field) {
        return Problem.badField(field, "send the file as multipart/form-data in the field \"" + field + "\"")
                .asException();
    }
}
