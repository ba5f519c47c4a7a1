"""What a publication costs beside one plain ffmpeg command and one packager run, measured in the same minutes."""
