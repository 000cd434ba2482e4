#include "CVoiceDetection.h"

#include <cstring>
#include <memory>
#include <new>

#include <webrtc/modules/audio_processing/include/audio_processing.h>
#include <webrtc/modules/interface/module_common_types.h>

using webrtc::AudioFrame;
using webrtc::AudioProcessing;

static const int rate = TK_DETECTOR_FRAME * 100;

struct tk_detector {
    std::unique_ptr<AudioProcessing> processing;
    // Large (8 KiB), so it is here and not on a worker's stack.
    AudioFrame frame;
};

static bool set_up(AudioProcessing &processing) {
    const webrtc::StreamConfig mono(rate, 1);
    const webrtc::ProcessingConfig config = {{mono, mono, mono, mono}};
    // The detector examines the suppressor's output, without hum, hiss and fans.
    return processing.Initialize(config) == AudioProcessing::kNoError
        && processing.high_pass_filter()->Enable(true) == AudioProcessing::kNoError
        && processing.noise_suppression()->set_level(webrtc::NoiseSuppression::kHigh)
            == AudioProcessing::kNoError
        && processing.noise_suppression()->Enable(true) == AudioProcessing::kNoError
        && processing.voice_detection()->set_likelihood(webrtc::VoiceDetection::kLowLikelihood)
            == AudioProcessing::kNoError
        && processing.voice_detection()->Enable(true) == AudioProcessing::kNoError;
}

extern "C" tk_detector *tk_detector_create(void) {
    // Swift does not support C++ exceptions: none may leave a function here.
    try {
        std::unique_ptr<tk_detector> detector(new tk_detector);
        detector->processing.reset(AudioProcessing::Create());
        if (!detector->processing || !set_up(*detector->processing)) return nullptr;
        return detector.release();
    } catch (...) {
        return nullptr;
    }
}

extern "C" void tk_detector_destroy(tk_detector *detector) { delete detector; }

extern "C" int tk_detector_process(tk_detector *detector, int16_t samples[TK_DETECTOR_FRAME]) {
    try {
        AudioFrame &frame = detector->frame;
        frame.UpdateFrame(
            0, 0, samples, TK_DETECTOR_FRAME, rate, AudioFrame::kNormalSpeech,
            AudioFrame::kVadUnknown, 1);
        if (detector->processing->ProcessStream(&frame) != AudioProcessing::kNoError) return -1;
        std::memcpy(samples, frame.data_, TK_DETECTOR_FRAME * sizeof samples[0]);
        return detector->processing->voice_detection()->stream_has_voice() ? 1 : 0;
    } catch (...) {
        return -1;
    }
}
